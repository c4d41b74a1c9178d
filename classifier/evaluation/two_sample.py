"""How well a classifier tells real from simulated maps, and by what."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from classifier.events import DUNE_FD_HD, Hits

if TYPE_CHECKING:
    import pandas as pd

CROP = 128
"""Side of the window, at full resolution around the vertex, that the small CNN sees."""
_FOLDS = 4
_EPOCHS, _MIN_STEPS = 12, 60
_Floats = npt.NDArray[np.float32]


def boosted_test(
    real: pd.DataFrame,
    simulated: pd.DataFrame,
    groups: npt.NDArray[np.int64],
    judged: npt.NDArray[np.bool_],
    seed: int,
) -> dict[str, Any]:
    """Cross-validated boosted trees on observables.

    Parameters
    ----------
    real, simulated : DataFrame
        One row a map, the same columns.
    groups : ndarray, shape (n_real + n_simulated,)
        Maps of the same group (a real one and what was simulated like it) share a fold.
    judged : ndarray of bool, shape (n_real + n_simulated,)
        Maps that count in the second AUC.
    seed : int

    Returns
    -------
    dict
        ``auc`` over all maps, ``auc_judged`` over the judged ones, and ``keys_on``: the observables
        without which most AUC is lost.
    """
    from sklearn.ensemble import HistGradientBoostingClassifier
    from sklearn.inspection import permutation_importance
    from sklearn.metrics import roc_auc_score
    from sklearn.model_selection import GroupKFold

    x = np.concatenate([real.to_numpy(), simulated.to_numpy()])
    y = np.r_[np.zeros(len(real)), np.ones(len(simulated))]
    scores = np.empty(len(y))
    lost = np.zeros(x.shape[1])
    for fold, (train, test) in enumerate(GroupKFold(_FOLDS).split(x, y, groups)):
        model = HistGradientBoostingClassifier(max_iter=100, max_depth=3, random_state=seed)
        model.fit(x[train], y[train])
        scores[test] = _ranks(model.predict_proba(x[test])[:, 1])
        if fold == 0:
            # One fold tells what they key on; all of them would take minutes.
            lost = permutation_importance(
                model, x[test], y[test], scoring="roc_auc", n_repeats=3, random_state=seed
            ).importances_mean
    return {
        "auc": float(roc_auc_score(y, scores)),
        "auc_judged": float(roc_auc_score(y[judged], scores[judged])),
        "keys_on": [
            {"observable": str(real.columns[i]), "auc_lost": float(lost[i])}
            for i in np.argsort(-lost)[:6]
        ],
    }


def _ranks(scores: npt.NDArray[Any]) -> npt.NDArray[np.float64]:
    """Place of each map among those of its fold, 0 to 1: models of two folds share no scale."""
    from scipy.stats import rankdata

    return np.asarray(rankdata(scores) / len(scores))


def windows(pictures: list[Hits]) -> _Floats:
    """Crops of `CROP` rows and columns about the vertex, log-scaled, shape (n, 3, CROP, CROP)."""
    out = np.zeros((len(pictures), DUNE_FD_HD.n_views, CROP, CROP), np.float32)
    left = DUNE_FD_HD.shape[1] // 2 - CROP // 2
    for image, hits in zip(out, pictures, strict=True):
        column = hits.column.astype(np.int64) - left
        inside = (hits.row < CROP) & (column >= 0) & (column < CROP)
        image[hits.view[inside], hits.row[inside], column[inside]] = (
            np.log1p(hits.value[inside].astype(np.float32)) / 5.5
        )
    return out


def _without_texture(x: _Floats) -> _Floats:
    """Spread charge evenly over 4 x 4 pixels: where it is stays, how hits lie does not."""
    n, views, size, _ = x.shape
    coarse = x.reshape(n, views, size // 4, 4, size // 4, 4).mean(axis=(3, 5))
    return np.asarray(coarse.repeat(4, axis=2).repeat(4, axis=3), dtype=np.float32)


def _without_vertex(x: _Floats) -> _Floats:
    out = x.copy()
    out[:, :, :24] = 0.0
    return out


_SHOWN: dict[str, Callable[[_Floats], _Floats]] = {
    "hits without their charge": lambda x: (x > 0).astype(np.float32),
    "charge without the pattern of single pixels": _without_texture,
    "no first 24 wires": _without_vertex,
}
"""What the CNN is shown in training and test alike; the AUC of each says what it keys on."""


def cnn_test(
    real: list[Hits],
    simulated: list[Hits],
    groups: npt.NDArray[np.int64],
    judged: npt.NDArray[np.bool_],
    seed: int,
) -> dict[str, Any]:
    """Cross-validated small CNN on windows about the vertex; parameters of `boosted_test`.

    Returns
    -------
    dict
        ``auc`` and ``auc_judged`` as of `boosted_test`; ``keys_on``: the AUC, in one fold, of
        networks that are shown all or parts of the pictures.
    """
    from sklearn.metrics import roc_auc_score
    from sklearn.model_selection import GroupKFold

    x = np.concatenate([windows(real), windows(simulated)])
    y = np.r_[np.zeros(len(real)), np.ones(len(simulated))].astype(np.float32)
    folds = list(GroupKFold(_FOLDS).split(x, y, groups))
    scores = np.empty(len(y))
    for fold, (train, test) in enumerate(folds):
        scores[test] = _ranks(_trained(x, y, train, seed + fold)(x[test]))
    # One fold tells what it keys on.
    train, test = folds[0]
    keys = [{"shown": "all", "auc": float(roc_auc_score(y[test], scores[test]))}]
    for name, show in _SHOWN.items():
        shown = show(x)
        auc = roc_auc_score(y[test], _trained(shown, y, train, seed)(shown[test]))
        keys.append({"shown": name, "auc": float(auc)})
    return {
        "auc": float(roc_auc_score(y, scores)),
        "auc_judged": float(roc_auc_score(y[judged], scores[judged])),
        "keys_on": keys,
    }


def _trained(
    x: _Floats, y: _Floats, train: npt.NDArray[np.int64], seed: int
) -> Callable[[_Floats], _Floats]:
    """Train the network; return what scores maps."""
    import torch
    from torch import nn

    torch.manual_seed(seed)
    rng = np.random.default_rng(seed)
    layers: list[nn.Module] = []
    for inputs, outputs in ((3, 16), (16, 32), (32, 48), (48, 64)):
        layers += [nn.Conv2d(inputs, outputs, 3, 2, 1), nn.BatchNorm2d(outputs), nn.ReLU()]
    model = nn.Sequential(
        *layers, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Dropout(0.2), nn.Linear(64, 1)
    )
    batch = 32
    steps = max(_EPOCHS * (len(train) // batch + 1), _MIN_STEPS)
    optimiser = torch.optim.AdamW(model.parameters(), lr=2e-3, weight_decay=1e-2)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, 4e-3, total_steps=steps)
    # As many real as simulated ones in each batch.
    ones, zeros = train[y[train] == 1], train[y[train] == 0]
    for _ in range(steps):
        chosen = np.r_[rng.choice(ones, batch // 2), rng.choice(zeros, batch // 2)]
        loss = nn.functional.binary_cross_entropy_with_logits(
            model(torch.from_numpy(x[chosen]))[:, 0], torch.from_numpy(y[chosen])
        )
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        schedule.step()
    model.eval()

    def score(maps: _Floats) -> _Floats:
        with torch.no_grad():
            parts = [
                model(torch.from_numpy(maps[i : i + 64]))[:, 0] for i in range(0, len(maps), 64)
            ]
            return np.asarray(torch.cat(parts).numpy())

    return score
