"""The bars of all diagnoses, step by step."""

import re

import model
from app_pages.learn.steps.flow import LETTER_ON_A_PHONE, flow_html
from model.learn.step_by_step import step_by_step


def test_a_name_that_a_phone_would_cut_is_marked_to_be_hidden_there(shipped: model.Net) -> None:
    way = step_by_step(shipped, {"heliotrope_rash": "present"}, diagnosis="dermatomyositis")
    parts = re.findall(r"width:([\d.]+)%[^>]*><b class='(\w*)'>(\w+)</b>", flow_html(way, 1, shipped.vocabulary))
    assert parts and {mark for _, mark, _ in parts} == {"", "fine"}
    for width, mark, name in parts:
        assert (mark == "fine") == (float(width) / 100 <= LETTER_ON_A_PHONE * (len(name) + 1))
