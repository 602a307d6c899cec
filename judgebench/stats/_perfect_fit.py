"""Do some columns separate the outcomes, so that a binomial likelihood grows for ever?"""

import numpy as np
import numpy.typing as npt
from scipy import optimize

FloatArray = npt.NDArray[np.float64]

TOLERANCE = 1e-8


def separates(design: FloatArray, outcome: FloatArray) -> bool:
    """Say whether some combination of the columns is nowhere against the outcomes and somewhere for them.

    That is complete or quasi-complete separation, and the one case in which a logit or probit has no finite
    maximum (Albert and Anderson 1984, "On the existence of maximum likelihood estimates in logistic regression
    models", Biometrika 71). Decided by the linear program of Konis (2007), "Linear programming algorithms for
    detecting separated data in binary logistic regression models", section 4: the combination, within a box,
    that is most for the outcomes. Shares between 0 and 1 hold their row at 0.

    Args:
        design: (n, p) linearly independent columns.
        outcome: (n,) in [0, 1].
    """
    scaled = design / np.abs(design).max(axis=0)
    sign = np.sign(2 * outcome - 1)
    whole = (outcome == 0) | (outcome == 1)
    towards = np.unique(sign[whole, None] * scaled[whole], axis=0)
    shared = np.unique(scaled[~whole], axis=0)
    if not towards.size:
        return False
    found = optimize.linprog(
        -towards.sum(axis=0),
        A_ub=-towards,
        b_ub=np.zeros(len(towards)),
        A_eq=shared if shared.size else None,
        b_eq=np.zeros(len(shared)) if shared.size else None,
        bounds=(-1, 1),
    )
    if not found.success:  # 0 is feasible and the box is bounded: the solver gave up
        raise ValueError(f"whether the columns separate the outcomes could not be told: {found.message}")
    gain = towards @ found.x
    # the solver holds its constraints within a tolerance of its own
    return bool(gain.max() > 1e-6 and gain.min() > -TOLERANCE * gain.max())
