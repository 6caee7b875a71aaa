"""Training in plain PyTorch, and what is measured on the way."""

import math

import torch

from replicate.data import Data, stream

SCALARS = ("epoch train_loss grad_norm probe_loss probe_cross_entropy accuracy max_guess guess_entropy "
           "prob_entropy mean_weight kept_fraction tied_fraction").split()
VECTORS = "guess_count correct_count mean_prob class_loss drift".split()


# The network and its losses.

def orthogonal(draw):
    tall = draw if draw.shape[0] >= draw.shape[1] else draw.T
    q, r = torch.linalg.qr(tall)
    q = q * r.diagonal().sign()
    return q if tall is draw else q.T.contiguous()


def initial_parameters(config, inputs, classes):
    sizes = [inputs] + [config["width"]] * config["depth"] + [classes]
    scale = config["init_scale"]
    parameters = []
    for i, (fan_in, fan_out) in enumerate(zip(sizes, sizes[1:])):
        std = {"he": math.sqrt(2 / fan_in), "lecun": math.sqrt(1 / fan_in), "torch": 0,
               "orthogonal": 1, "glorot": math.sqrt(2 / (fan_in + fan_out))}[config["init"]] * scale
        readout = config.get("readout_scale", 1) if i == config["depth"] else 1
        for kind, shape, deviation in (("weight", (fan_out, fan_in), std * readout),
                                       ("bias", (fan_out,), config["bias_scale"])):
            generator = stream(f"init/{config['seed']}/layers.{i}.{kind}")
            if config["init"] == "torch":
                value = (2 * torch.rand(shape, generator=generator) - 1) * scale / math.sqrt(fan_in)
                value = value * readout if kind == "weight" else value
            else:
                value = torch.randn(shape, generator=generator)
                if config["init"] == "orthogonal" and kind == "weight":
                    value = (orthogonal(value.double()) * deviation).float()
                else:
                    value = value * deviation
            parameters.append(value.requires_grad_())
    return parameters


def forward(config, parameters, x):
    activation = {"relu": torch.relu, "tanh": torch.tanh, "linear": lambda t: t,
                  "gelu": torch.nn.functional.gelu, "leaky_relu": torch.nn.functional.leaky_relu,
                  "erf": torch.erf}[config["activation"]]
    for i in range(0, len(parameters), 2):
        x = torch.nn.functional.linear(x, parameters[i], parameters[i + 1])
        if i + 2 < len(parameters):
            x = activation(x)
    return x


def modulated(params, factor, l):
    return -(factor if params["gradient"] == "full" else factor.detach()) * l


def focal(params, l):
    return modulated(params, (-torch.expm1(l.clamp(max=-1e-30))) ** params["gamma"], l)


def gce(params, l):
    return -torch.expm1(params["q"] * l) / params["q"]


# Losses that are functions of l = ln p_y.
LABEL_LOSSES = {
    "cross_entropy": lambda c, l: -l,
    "blurry": lambda c, l: modulated(c, torch.exp(c["gamma"] * l), l),
    "piecewise_zero": lambda c, l: -l * (torch.exp(l) >= c["cutoff"]),
    "blurry_piecewise_zero": lambda c, l: (modulated(c, torch.exp(c["gamma"] * l), l)
                                           * (torch.exp(l) >= c["cutoff"])),
    "focal": focal,
    "mae": lambda c, l: -c["scale"] * torch.expm1(l),
    "gce": gce,
    "truncated_gce": lambda c, l: torch.where(torch.exp(l) > c["k"], gce(c, l),
                                              torch.tensor((1 - c["k"] ** c["q"]) / c["q"], dtype=l.dtype)),
    "rce": lambda c, l: c["A"] * torch.expm1(l),
    "sce": lambda c, l: -c["alpha"] * l + c["beta"] * c["A"] * torch.expm1(l),
    "agce": lambda c, l: ((c["a"] + 1) ** c["q"] - (c["a"] + torch.exp(l)) ** c["q"]) / c["q"],
    "aul": lambda c, l: ((c["a"] - torch.exp(l)) ** c["q"] - (c["a"] - 1) ** c["q"]) / c["q"],
    "ael": lambda c, l: torch.exp(-torch.exp(l) / c["a"]),
    "taylor_ce": lambda c, l: sum((1 - torch.exp(l)) ** i / i for i in range(1, int(c["t"]) + 1)),
    "poly1": lambda c, l: -l - c["epsilon"] * torch.expm1(l),
}


def share(of_class, y):
    return of_class.gather(1, y[:, None])[:, 0] / of_class.sum(1)


def anl_ce(c, lp, y):
    a = lp.clamp(min=math.log(c["min_prob"])) - math.log(c["min_prob"])
    return c["alpha"] * share(lp, y) + c["beta"] * (1 - share(a, y))


# The others: functions of all log-probabilities and the label.
OTHER_LOSSES = {
    "label_smoothing": lambda c, lp, y: (-(1 - c["epsilon"]) * lp.gather(1, y[:, None])[:, 0]
                                         - c["epsilon"] * lp.mean(1)),
    "nce": lambda c, lp, y: c["scale"] * share(lp, y),
    "nce_mae": lambda c, lp, y: (c["alpha"] * share(lp, y)
                                 - c["beta"] * torch.expm1(lp.gather(1, y[:, None])[:, 0])),
    "nce_rce": lambda c, lp, y: (c["alpha"] * share(lp, y)
                                 + c["beta"] * c["A"] * torch.expm1(lp.gather(1, y[:, None])[:, 0])),
    "nfl": lambda c, lp, y: share(focal(c, lp), y),
    "ngce": lambda c, lp, y: share(gce(c, lp), y),
    "anl_ce": anl_ce,
    "brier": lambda c, lp, y: (lp.exp() - torch.nn.functional.one_hot(y, lp.shape[1])).square().sum(1),
}


def loss_values(name, params, logits, labels):
    """Of each example: the loss L, its gradient into the logits, and w (None without one)."""
    z = logits.detach().requires_grad_()
    weight = None
    with torch.enable_grad():
        lp = torch.log_softmax(z, 1)
        if name in OTHER_LOSSES:
            value = OTHER_LOSSES[name](params, lp, labels)
            gradient = torch.autograd.grad(value.sum(), z)[0]
        else:
            l = lp.gather(1, labels[:, None])[:, 0].detach().requires_grad_()
            value = LABEL_LOSSES[name](params, l)
            weight = -torch.autograd.grad(value.sum(), l)[0]
            one_hot = torch.nn.functional.one_hot(labels, z.shape[1])
            gradient = weight[:, None] * (lp.exp() - one_hot)
    return value.detach(), gradient.detach(), weight


# Training and measuring.

def snapshot_steps(config):
    steps, points = config["steps"], config["points"]
    if points >= steps:
        return list(range(steps + 1))
    if points == 1:
        return [0, steps]
    result = [0]
    for k in range(points):
        if config["spacing"] == "log":
            result.append(max(result[-1] + 1, math.floor(steps ** (k / (points - 1)) + 0.5)))
        else:
            result.append((2 * steps * (k + 1) + points) // (2 * points))
    return result


def entropy(fractions):
    positive = fractions[fractions > 0]
    return float(-(positive * positive.log()).sum() / math.log(len(fractions)))


def measure(config, logits, labels):
    z = logits.double()
    n, classes = z.shape
    p = torch.softmax(z, 1)
    l = torch.log_softmax(z, 1).gather(1, labels[:, None])[:, 0]
    value, gradient, w = loss_values(config["loss"], config["loss_params"], z, labels)
    is_label = torch.nn.functional.one_hot(labels, classes).double()
    # The first of the largest: torch.argmax does not promise which.
    guess = (z == z.max(1, keepdim=True).values).int().cumsum(1).eq(0).sum(1)
    count = lambda which: torch.bincount(which, minlength=classes).tolist()
    fractions = torch.bincount(guess, minlength=classes).double() / n
    mean_prob = p.mean(0)
    return {
        "probe_loss": float(value.mean()), "probe_cross_entropy": float(-l.mean()),
        "accuracy": float((guess == labels).double().mean()), "max_guess": float(fractions.max()),
        "guess_entropy": entropy(fractions), "prob_entropy": entropy(mean_prob),
        "mean_weight": None if w is None else float(w.mean()),
        "kept_fraction": None if w is None else float((w > 0).double().mean()),
        "tied_fraction": float((z == z[:, :1]).all(1).double().mean()),
        "guess_count": count(guess), "correct_count": count(labels[guess == labels]),
        "mean_prob": mean_prob.tolist(),
        "class_loss": (value @ is_label / is_label.sum(0)).tolist(),
        "drift": gradient.mean(0).tolist(),
    }


def replicate(config, data_dir, permute_rows=False, nudge=0.0):
    """The trajectory of `config`: (snapshots, step at which it diverged or None)."""
    data = Data(config, data_dir)
    rows, labels = data.training_examples()
    probe, probe_labels = data.probe_set()

    parameters = initial_parameters(config, probe.shape[1], data.classes)
    noise = torch.Generator().manual_seed(0)
    for p in parameters:
        sign = torch.randint(0, 2, p.shape, generator=noise) * 2 - 1
        p.data = (p.data.double() * (1 + nudge * sign)).float()
    optimizer = {
        "sgd": lambda **o: torch.optim.SGD(parameters, **o),
        "momentum": lambda **o: torch.optim.SGD(parameters, momentum=config["momentum"], **o),
        "nesterov": lambda **o: torch.optim.SGD(parameters, momentum=config["momentum"], nesterov=True, **o),
        "adam": lambda **o: torch.optim.Adam(parameters, betas=(0.9, 0.999), eps=1e-8, **o),
        "adamw": lambda **o: torch.optim.AdamW(parameters, betas=(0.9, 0.999), eps=1e-8, **o),
    }[config["optimizer"]](lr=config["learning_rate"], weight_decay=config["weight_decay"])

    warmup, schedule = config.get("warmup_steps", 0), config.get("schedule", "constant")
    schedulers = {
        "constant": lambda: torch.optim.lr_scheduler.ConstantLR(optimizer, factor=1),
        "step": lambda: torch.optim.lr_scheduler.StepLR(
            optimizer, config.get("schedule_every", 100), config.get("schedule_factor", 0.1)),
        "cosine": lambda: torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, config["steps"] - warmup),
    }
    scheduler = schedulers[schedule]()
    if warmup:
        rise = torch.optim.lr_scheduler.LinearLR(optimizer, 1 / (warmup + 1), total_iters=warmup)
        scheduler = torch.optim.lr_scheduler.SequentialLR(optimizer, [rise, scheduler], [warmup])
    size = config["batch_size"]
    per_epoch = len(rows) // size
    due = set(snapshot_steps(config))
    snapshots = []
    for t in range(config["steps"] + 1):
        batch = {"train_loss": None, "grad_norm": None}
        if t > 0:
            epoch, position = divmod(t - 1, per_epoch)
            if position == 0:
                permutation = torch.randperm(
                    len(rows), generator=stream(f"batches/{config['data_seed']}/{epoch}"))
            chosen = permutation[position * size:(position + 1) * size]
            if permute_rows:
                chosen = chosen[torch.randperm(size, generator=noise)]
            delayed = t <= config.get("loss_delay_steps", 0)
            logits = forward(config, parameters, data.inputs(data.train[rows[chosen]]))
            value, gradient, _ = loss_values("cross_entropy" if delayed else config["loss"],
                                             config["loss_params"], logits, labels[chosen])
            loss = float(value.mean())
            if not math.isfinite(loss):
                return snapshots, t
            optimizer.zero_grad()
            logits.backward(gradient / size)
            norm = math.sqrt(sum(float(p.grad.double().square().sum()) for p in parameters))
            batch = {"train_loss": loss, "grad_norm": norm}
            if config.get("max_grad_norm", 0) > 0:
                torch.nn.utils.clip_grad_norm_(parameters, config["max_grad_norm"])
            penalty = 0 if delayed else config["loss_params"].get("delta", 0)  # of anl_ce
            for p in parameters:
                p.grad += penalty * p.detach().sign()
            optimizer.step()
            scheduler.step()
        if t in due:
            with torch.no_grad():
                logits = forward(config, parameters, probe)
            if not torch.isfinite(logits).all():
                return snapshots, t
            snapshots.append({"step": t, "epoch": t / per_epoch, **batch,
                              **measure(config, logits, probe_labels)})
    return snapshots, None
