"""The confusion matrix with many diagnoses."""

import model
from app_pages.calibrate.measure.measure_charts import confusion_chart, confusion_rows


def test_right_answers_stand_on_the_diagonal(shipped: model.Net) -> None:
    """Both axes name the same diagnoses, also one that never leads or that nobody has, and no others."""
    diagnoses = shipped.vocabulary.diagnoses
    led_by = {diagnoses[2]: diagnoses[7], diagnoses[7]: diagnoses[7], diagnoses[20]: diagnoses[4]}
    rows = [{"diagnosis": true, **{d: int(d == leading) for d in diagnoses}} for true, leading in led_by.items()]
    drawn = confusion_chart(confusion_rows(rows, shipped.vocabulary), shipped.vocabulary).to_dict()
    axes = drawn["layer"][0]["encoding"]
    expected = [shipped.vocabulary.short[diagnoses[place]] for place in (2, 4, 7, 20)]
    assert axes["x"]["scale"]["domain"] == axes["y"]["scale"]["domain"] == expected
