"""What grades of muscle power mean for the findings."""

from collections.abc import Iterator, Mapping

from model.cases.letters.power import FULL, Power

PROXIMAL = ("arm_proximal", "leg_proximal", "knee_extensor")
ONE_GRADE = 1.0
Stated = tuple[str, object, int, int]


def weakness(powers: Mapping[str, Power]) -> Iterator[Stated]:
    """Finding, state, and the place in the letter of the grade that it rests on."""
    known = _spread(powers)
    proximal = [known[group] for group in PROXIMAL if group in known]
    if proximal:
        worst = min(proximal, key=lambda power: power.lowest)
        yield "weakness_severity", _severity(worst.lowest), *worst.where
    for finding, group in (("proximal_arm_weakness", "arm_proximal"), ("proximal_leg_weakness", "leg_proximal")):
        if group in known:
            yield finding, "present" if known[group].better_side < FULL else "absent", *known[group].where
    if "finger_flexor" in known:
        power = known["finger_flexor"]
        yield "finger_flexor_weakness", "present" if power.lowest < FULL else "absent", *power.where
    yield from _distal(known)
    yield from _legs(known)
    yield from _neck(known)
    yield from _sides(powers)


def _spread(powers: Mapping[str, Power]) -> dict[str, Power]:
    """The grades with those of "proximal" and "all groups" given to the groups that have none of their own."""
    known = dict(powers)
    near = ("arm_proximal", "leg_proximal")
    wholes = {"both_proximal": near, "power": near, "all": (*near, "distal")}
    for whole, parts in wholes.items():
        for part in parts if whole in powers else ():
            known.setdefault(part, powers[whole])
    if "grip" in powers:
        known.setdefault("distal_arm", powers["grip"])
        known.setdefault("finger_flexor", powers["grip"])
    return known


def _severity(grade: float) -> str:
    """By the worst proximal group: 4 mild, 3 moderate, 2 or less severe; 4- counts as 4, 3- as 3."""
    if grade >= FULL:
        return "none"
    if grade >= 3.5:
        return "mild"
    return "moderate" if grade >= 2.6 else "severe"


def _distal(known: Mapping[str, Power]) -> Iterator[Stated]:
    """Absent only if arms and legs were examined, or "distal" as a whole."""
    parts = [known[group] for group in ("distal_arm", "distal_leg", "distal") if group in known]
    if parts:
        worst = min(parts, key=lambda power: power.lowest)
        if worst.lowest < FULL:
            yield "distal_weakness", "present", *worst.where
        elif "distal" in known or ("distal_arm" in known and "distal_leg" in known):
            yield "distal_weakness", "absent", *worst.where


def _legs(known: Mapping[str, Power]) -> Iterator[Stated]:
    """The legs, proximal against distal, and the knee extensors against the hip flexors."""
    near, far, knee = (
        known.get("leg_proximal"),
        known.get("distal_leg") or known.get("distal"),
        known.get("knee_extensor"),
    )
    if near and far and near.lowest != far.lowest:
        yield "legs_proximal_weaker_than_distal", "present" if near.lowest < far.lowest else "absent", *near.where
    if near and knee and knee.lowest <= near.lowest - ONE_GRADE:
        yield "quadriceps_atrophy", "present", *knee.where


def _neck(known: Mapping[str, Power]) -> Iterator[Stated]:
    """Neck flexor weakness means flexors weaker than extensors."""
    flexors, extensors = known.get("neck_flexor"), known.get("neck_extensor")
    if flexors:
        weak = flexors.lowest < FULL and (extensors is None or extensors.lowest >= flexors.lowest)
        yield "neck_flexor_weakness", "present" if weak else "absent", *flexors.where


def _sides(powers: Mapping[str, Power]) -> Iterator[Stated]:
    """A difference of a whole grade between the sides is a clear one."""
    for power in powers.values():
        if abs(power.sides.get("left", FULL) - power.sides.get("right", FULL)) >= ONE_GRADE and len(power.sides) > 1:
            yield "asymmetric_weakness", "present", *power.where
            return
    for power in powers.values():
        both = {"left", "right"} <= set(power.sides) and power.sides["left"] == power.sides["right"] < FULL
        if power.alike or both:
            yield "asymmetric_weakness", "absent", *power.where
            return
