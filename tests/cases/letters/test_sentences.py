"""Sentences as clinicians write them, and the findings that a careful reader would enter from them."""

import pytest

from model import Net
from model.cases.letters import read_letter

SENTENCES: dict[str, dict[str, object]] = {
    "There is no proximal weakness. Power was normal throughout.": {
        "weakness_severity": "none",
        "proximal_arm_weakness": "absent",
        "proximal_leg_weakness": "absent",
    },
    "On examination there was symmetrical proximal weakness of the arms and legs (MRC 4/5).": {
        "weakness_severity": "mild",
        "proximal_arm_weakness": "present",
        "proximal_leg_weakness": "present",
        "asymmetric_weakness": "absent",
    },
    "Examination: moderate weakness of hip flexors (3/5) and deltoids (4/5).": {
        "weakness_severity": "moderate",
        "proximal_arm_weakness": "present",
        "proximal_leg_weakness": "present",
    },
    "He could not rise from a chair without using his arms.": {"weakness_severity": "severe"},
    "MRC grades: deltoid R4 L4, iliopsoas R3 L3, quadriceps 4 bilaterally, tibialis anterior 5, FDP 5.": {
        "proximal_arm_weakness": "present",
        "proximal_leg_weakness": "present",
        "finger_flexor_weakness": "absent",
        "weakness_severity": "moderate",
    },
    "Neither dysphagia nor dysphonia. Breathing unremarkable.": {"dysphagia": "absent"},
    "She has lost the ability to swallow solids and had an episode of choking last week.": {"dysphagia": "present"},
    "CK was 12 times the upper limit of normal.": {"ck_level": 12},
    "CK: 9500 IU/L [ref 30-200]": {"ck_level": 47.5},
    "Creatine kinase 4,210 U/L (reference 39 - 308 U/L), AST 120 H, ALT 98 H, LDH 512 H": {
        "ck_level": 13.67,
        "transaminases": "elevated",
        "ldh": "elevated",
    },
    "CK 23.4 µkat/L (ref < 3.5)": {"ck_level": 6.69},
    "CK normal at 88.": {"ck_level": "normal"},
    "ESR 64 mm/h, CRP 3 mg/L": {"esr_crp": "elevated"},
    "TSH 48 mU/L, free T4 low": {"tsh": "elevated"},
    "TSH and free T4 normal.": {"tsh": "normal"},
    "ANA 1:640 speckled, ENA negative.": {"ana": "positive"},
    "ANA <1:80.": {"ana": "negative"},
    "Antinuclear antibodies were positive at 1/320.": {"ana": "positive"},
    "The extended myositis panel was negative.": {
        "anti_mi2": "negative",
        "anti_jo1": "negative",
        "anti_srp": "negative",
    },
    "Anti-Jo-1 antibodies were positive, anti-Ro52 positive; PL-7 and PL-12 negative.": {
        "anti_jo1": "positive",
        "anti_ro52": "positive",
        "anti_pl7": "negative",
        "anti_pl12": "negative",
    },
    "Anti-HMGCR antibody >200 CU (normal <20). SRP negative.": {"anti_hmgcr": "positive", "anti_srp": "negative"},
    "Serology was positive for anti-MDA5 and anti-Ro-52.": {"anti_mda5": "positive", "anti_ro52": "positive"},
    "Acetylcholine receptor antibodies positive.": {"anti_achr": "positive"},
    "EMG showed short-duration polyphasic motor units with fibrillation potentials and positive sharp waves.": {
        "emg": "myopathic_irritable"
    },
    "EMG: myopathic pattern, no spontaneous activity.": {"emg": "myopathic"},
    "EMG/NCS normal.": {"emg": "normal"},
    "Repetitive nerve stimulation revealed a 24% decrement.": {"emg": "decrement"},
    "MRI of the thighs showed oedema of the quadriceps with no fatty replacement.": {
        "mri_muscle_edema": "present",
        "mri_fatty_replacement": "absent",
    },
    "MRI normal.": {"mri_muscle_edema": "absent"},
    "Thigh MRI: STIR hyperintensity bilaterally; perifascial edema; mild fatty infiltration.": {
        "mri_muscle_edema": "present",
        "mri_fascial_edema": "present",
        "mri_fatty_replacement": "present",
    },
    "Muscle biopsy revealed perifascicular atrophy, perivascular lymphocytic infiltrates and "
    "MAC on capillaries. MxA positive.": {
        "biopsy_perifascicular_atrophy": "present",
        "biopsy_perivascular_inflammation": "present",
        "biopsy_mac": "capillary",
        "biopsy_mxa": "positive",
    },
    "Biopsy: scattered necrotic and regenerating fibres, minimal lymphocytic infiltrate, macrophages, MHC-1 focal.": {
        "biopsy_necrosis": "present",
        "biopsy_mhc1": "focal",
        "biopsy_macrophages": "present",
    },
    "The muscle biopsy shows type 2 fibre atrophy without inflammation or necrosis.": {
        "biopsy_type2_atrophy": "present"
    },
    "HRCT of the chest: NSIP pattern with basal ground-glass.": {"interstitial_lung_disease": "present"},
    "HRCT showed no evidence of interstitial lung disease.": {"interstitial_lung_disease": "absent"},
    "He drinks a bottle of vodka a day.": {"alcohol_misuse": "present"},
    "Alcohol: 4 units per week. Non-smoker.": {"alcohol_misuse": "absent"},
    "He denies alcohol or illicit drug use.": {"alcohol_misuse": "absent", "cocaine_use": "absent"},
    "She has taken atorvastatin 40 mg for three years.": {"statin_exposure": "present"},
    "On long-term prednisolone 10 mg for asthma for 6 years.": {"corticosteroid_exposure": "present"},
    "He has been on zidovudine since 2009 for HIV.": {
        "zidovudine_exposure": "present",
        "chronic_viral_infection": "present",
    },
    "HIV, hepatitis B and C serology negative.": {"chronic_viral_infection": "absent"},
    "His brother has limb-girdle muscular dystrophy.": {"family_history_of_myopathy": "present"},
    "There is no family history of muscle disease.": {"family_history_of_myopathy": "absent"},
    "Two weeks after influenza A he developed calf pain and tea-coloured urine.": {
        "recent_infection": "present",
        "myalgia": "present",
        "dark_urine": "present",
    },
    "Ptosis and diplopia worse in the evening.": {"fatigable_weakness": "present"},
    "Winging of both scapulae and weak eye closure.": {"facial_or_scapular_weakness": "present"},
    "No ptosis, diplopia or facial weakness.": {
        "fatigable_weakness": "absent",
        "facial_or_scapular_weakness": "absent",
    },
    "Long finger flexors weak, quadriceps wasted.": {
        "finger_flexor_weakness": "present",
        "quadriceps_atrophy": "present",
    },
    "Widespread pain with 16 of 18 tender points.": {"widespread_tender_points": "present"},
    "Slow-relaxing ankle jerks and myoedema on percussion.": {"myoedema": "present"},
    "Morning stiffness of the shoulders and hips for 90 minutes.": {"muscle_stiffness": "present"},
    "V-sign and shawl sign were present. Periungual erythema with dilated capillary loops.": {
        "v_sign": "present",
        "shawl_sign": "present",
        "periungual_changes": "present",
    },
    "No periungual changes, no mechanic's hands.": {"periungual_changes": "absent", "mechanics_hands": "absent"},
    "Skin biopsy: interface dermatitis with mucin.": {"skin_biopsy_interface_dermatitis": "present"},
    "She responded well to prednisolone.": {"immunosuppression_response": "improved"},
    "There was no response to steroids and IVIG.": {"immunosuppression_response": "not_improved"},
    "CT of chest, abdomen and pelvis revealed an ovarian carcinoma.": {"cancer": "present"},
    "CT CAP negative for malignancy.": {"cancer": "absent"},
    "Echocardiogram normal.": {"cardiac_involvement": "absent"},
    "Cardiac MRI showed myocarditis.": {"cardiac_involvement": "present"},
    "Temp 38.9 C. Polyarthritis of the hands.": {"fever": "present", "arthritis": "present"},
    "No fever, arthralgia or Raynaud phenomenon.": {"fever": "absent", "arthritis": "absent", "raynaud": "absent"},
    "She has known systemic sclerosis with sclerodactyly and reflux.": {
        "connective_tissue_disease": "present",
        "sclerodactyly": "present",
        "gastroesophageal_reflux": "present",
    },
    "Genetic testing: homozygous pathogenic variant in CAPN3.": {"dystrophy_gene_test": "positive"},
    "LGMD gene panel negative.": {"dystrophy_gene_test": "negative"},
    "Dysferlin staining absent on biopsy.": {"biopsy_muscle_protein_loss": "present"},
    "Head drop is evident. Neck flexors 3/5, neck extensors 2/5.": {
        "head_drop": "present",
        "neck_flexor_weakness": "absent",
    },
    "FVC 45% predicted with a fall of 30% supine.": {"respiratory_muscle_weakness": "present"},
    "Aldolase 14 U/L (<7.6).": {"aldolase": "elevated"},
    "Biopsy: endomysial inflammation with CD8+ T cells invading non-necrotic fibres; rimmed "
    "vacuoles; COX-negative fibres.": {
        "biopsy_endomysial_inflammation": "present",
        "biopsy_cd8_invasion": "present",
        "biopsy_rimmed_vacuoles": "present",
        "biopsy_mitochondrial_abnormalities": "present",
    },
    "The patient is a 45 year old male who presented with a 6 month history of progressive weakness.": {
        "age_at_onset": 44.5,
        "sex": "male",
        "onset_tempo": "subacute",
    },
    "Mrs X, aged 67, has had difficulty climbing stairs for the last four years.": {
        "age_at_onset": 63,
        "sex": "female",
        "onset_tempo": "chronic",
    },
    "10-day history of severe muscle pain.": {"onset_tempo": "acute", "myalgia": "present"},
}
NOT_STATED = {  # sentence -> the finding that it does not state
    "If dysphagia develops, please call.": "dysphagia",
    "CT of the chest to exclude ILD.": "interstitial_lung_disease",
    "Anti-SRP awaited.": "anti_srp",
    "HRCT requested, r/o ILD.": "interstitial_lung_disease",
    "Her mother had Raynaud phenomenon and arthritis.": "raynaud",
    "Possible heliotrope rash.": "heliotrope_rash",
    "Anti-Ku weakly positive.": "anti_ku",
    "Melanoma excised in 1998.": "cancer",
    "Start prednisolone 60 mg today.": "corticosteroid_exposure",
    "He complains of weakness on the stairs.": "proximal_leg_weakness",
    "Consider a statin in future.": "statin_exposure",
    "TIF1-gamma was not tested.": "anti_tif1g",
    "His cousin once removed has Duchenne dystrophy.": "family_history_of_myopathy",
    "The biopsy was not done.": "biopsy_necrosis",
}


@pytest.mark.parametrize("sentence", SENTENCES)
def test_a_sentence_states_its_findings(shipped: Net, sentence: str) -> None:
    findings = read_letter(sentence, shipped).findings
    for finding, value in SENTENCES[sentence].items():
        variable = shipped.vocabulary.variable(finding)
        assert finding in findings, finding
        if isinstance(value, int | float):
            assert findings[finding] == pytest.approx(value, rel=0.02)
        else:
            assert variable.state(findings[finding]) == value, finding


@pytest.mark.parametrize("sentence", NOT_STATED)
def test_what_is_planned_uncertain_past_or_of_somebody_else_is_not_entered(shipped: Net, sentence: str) -> None:
    assert NOT_STATED[sentence] not in read_letter(sentence, shipped).findings


def test_what_is_uncertain_is_offered_and_not_entered(shipped: Net) -> None:
    letter = read_letter("Possible ILD.", shipped)
    assert not letter.findings
    assert [(span.finding, span.certain) for span in letter.spans] == [("interstitial_lung_disease", False)]


def test_creatine_kinase_without_a_limit_is_entered_only_where_every_usual_limit_gives_the_same(shipped: Net) -> None:
    assert read_letter("CK 90000 U/L.", shipped).findings["ck_level"] == "very_high"
    assert "ck_level" not in read_letter("CK 350 U/L.", shipped).findings
    assert read_letter("CK 6500 U/L.", shipped).findings["ck_level"] == "high"  # 16 to 46 times


def test_the_words_of_a_span_are_words_of_the_letter(shipped: Net) -> None:
    text = "A 60-year-old man. Gottron papules on the hands; ptosis absent."
    letter = read_letter(text, shipped)
    for span in letter.spans:
        assert 0 <= span.start < span.end <= len(text)
    words = {text[span.start : span.end] for span in letter.spans}
    assert "Gottron papules" in words and "ptosis" in words
