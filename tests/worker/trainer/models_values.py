#!/usr/bin/env python3
"""Prints models_values.h: what networks of torch.nn modules give and where training takes them.

    python3 models_values.py > models_values.h

The modules are written here from torch.nn alone. Their parameters are drawn from the named streams
and loaded by name, with load_state_dict(strict=True). All in float64 but the draws.
"""

import hashlib

import torch
from torch import nn

BATCH, CLASSES, UPDATES = 6, 3, 2

ACTIVATIONS = {"relu": nn.ReLU, "tanh": nn.Tanh, "gelu": nn.GELU, "leaky_relu": nn.LeakyReLU}


def stream(name):
    digest = hashlib.sha256(("firstguess/v1/" + name).encode()).digest()
    return torch.Generator().manual_seed(int.from_bytes(digest[:8], "big") & (2**63 - 1))


def make_norm(kind, shape):
    if kind == "layer_norm":
        return nn.LayerNorm(shape)
    return nn.BatchNorm1d(shape[0]) if len(shape) == 1 else nn.BatchNorm2d(shape[0])


class Hidden(nn.Module):
    """Modules `layers` or `convs` with `norms` beside them."""

    def ends(self, i, x):
        if not self.norms:
            return self.activation(x)
        if self.position == "before":
            return self.activation(self.norms[i](x))
        return self.norms[i](self.activation(x))


class Mlp(Hidden):
    def __init__(self, inputs, width, depth, activation, norm, position):
        super().__init__()
        sizes = [inputs] + [width] * depth + [CLASSES]
        self.layers = nn.ModuleList(nn.Linear(a, b) for a, b in zip(sizes, sizes[1:]))
        self.norms = nn.ModuleList(make_norm(norm, [width]) for _ in range(depth) if norm != "none")
        self.activation, self.position = ACTIVATIONS[activation](), position

    def forward(self, x):
        for i, layer in enumerate(self.layers[:-1]):
            x = self.ends(i, layer(x))
        return self.layers[-1](x)


class Cnn(Hidden):
    def __init__(self, image, width, depth, activation, norm, position, pool):
        super().__init__()
        channels, height, wide = image
        convs, norms, self.pooled = [], [], []
        for _ in range(depth):
            convs.append(nn.Conv2d(channels, width, 3, padding=1))
            if norm != "none":
                norms.append(make_norm(norm, [width, height, wide]))
            channels = width
            self.pooled.append(min(height, wide) >= 4)
            if self.pooled[-1]:
                width, height, wide = 2 * width, height // 2, wide // 2
        self.convs, self.norms = nn.ModuleList(convs), nn.ModuleList(norms)
        self.readout = nn.Linear(channels * height * wide, CLASSES)
        self.pool = nn.MaxPool2d(2) if pool == "max" else nn.AvgPool2d(2)
        self.image, self.activation, self.position = image, ACTIVATIONS[activation](), position

    def forward(self, x):
        x = x.view(-1, *self.image)
        for i, conv in enumerate(self.convs):
            x = self.ends(i, conv(x))
            if self.pooled[i]:
                x = self.pool(x)
        return self.readout(x.flatten(1))


class BasicBlock(nn.Module):
    expansion = 1

    def __init__(self, channels, inner, stride, activation, downsample):
        super().__init__()
        self.conv1 = nn.Conv2d(channels, inner, 3, stride, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(inner)
        self.conv2 = nn.Conv2d(inner, inner, 3, 1, 1, bias=False)
        self.bn2 = nn.BatchNorm2d(inner)
        self.downsample, self.activation = downsample, activation

    def forward(self, x):
        out = self.bn2(self.conv2(self.activation(self.bn1(self.conv1(x)))))
        return self.activation(out + (x if self.downsample is None else self.downsample(x)))


class Bottleneck(nn.Module):
    expansion = 4

    def __init__(self, channels, inner, stride, activation, downsample):
        super().__init__()
        self.conv1 = nn.Conv2d(channels, inner, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(inner)
        self.conv2 = nn.Conv2d(inner, inner, 3, stride, 1, bias=False)
        self.bn2 = nn.BatchNorm2d(inner)
        self.conv3 = nn.Conv2d(inner, 4 * inner, 1, bias=False)
        self.bn3 = nn.BatchNorm2d(4 * inner)
        self.downsample, self.activation = downsample, activation

    def forward(self, x):
        out = self.activation(self.bn1(self.conv1(x)))
        out = self.activation(self.bn2(self.conv2(out)))
        out = self.bn3(self.conv3(out))
        return self.activation(out + (x if self.downsample is None else self.downsample(x)))


class Resnet(nn.Module):
    def __init__(self, image, block, counts, width, activation, stem):
        super().__init__()
        self.image, self.activation = image, ACTIVATIONS[activation]()
        imagenet = stem == "imagenet"
        self.conv1 = nn.Conv2d(image[0], width, 7 if imagenet else 3, 2 if imagenet else 1,
                               3 if imagenet else 1, bias=False)
        self.bn1 = nn.BatchNorm2d(width)
        self.maxpool = nn.MaxPool2d(3, 2, 1) if imagenet else nn.Identity()
        channels = width
        for stage, count in enumerate(counts):
            blocks = []
            for i in range(count):
                stride = 2 if i == 0 and stage > 0 else 1
                out = width * block.expansion
                downsample = None
                if stride != 1 or channels != out:
                    downsample = nn.Sequential(nn.Conv2d(channels, out, 1, stride, bias=False),
                                               nn.BatchNorm2d(out))
                blocks.append(block(channels, width, stride, self.activation, downsample))
                channels = out
            setattr(self, f"layer{stage + 1}", nn.Sequential(*blocks))
            width *= 2
        self.fc = nn.Linear(channels, CLASSES)

    def forward(self, x):
        x = self.maxpool(self.activation(self.bn1(self.conv1(x.view(-1, *self.image)))))
        x = self.layer4(self.layer3(self.layer2(self.layer1(x))))
        return self.fc(nn.functional.adaptive_avg_pool2d(x, 1).flatten(1))


RESNETS = {"resnet18": (BasicBlock, (2, 2, 2, 2)), "resnet34": (BasicBlock, (3, 4, 6, 3)),
           "resnet50": (Bottleneck, (3, 4, 6, 3))}


def draw_by_name(module, init, bias_scale):
    """The state of `module` at the start, as the streams say: seed 0."""
    state = {}
    for prefix, part in module.named_modules():
        if isinstance(part, (nn.Linear, nn.Conv2d)):
            weight = part.weight
            name = f"{prefix}.weight"
            draw = torch.randn(weight.shape, generator=stream("init/0/" + name))
            if init == "orthogonal":
                flat = draw.double().flatten(1)
                q, r = torch.linalg.qr(flat.T if flat.shape[0] < flat.shape[1] else flat)
                q = q * r.diagonal().sign()
                q = q.T if flat.shape[0] < flat.shape[1] else q
                state[name] = q.float().reshape(weight.shape)
            else:
                fan_in = weight[0].numel()
                fan_out = weight.numel() // weight.shape[1]
                variance = {"he": 2 / fan_in, "glorot": 2 / (fan_in + fan_out)}[init]
                state[name] = draw * torch.tensor(variance ** 0.5, dtype=torch.float32)
            if part.bias is not None:
                name = f"{prefix}.bias"
                draw = torch.randn(part.bias.shape, generator=stream("init/0/" + name))
                state[name] = draw * torch.tensor(bias_scale, dtype=torch.float32)
        elif isinstance(part, (nn.LayerNorm, nn.BatchNorm1d, nn.BatchNorm2d)):
            state[f"{prefix}.weight"] = torch.ones(part.weight.shape)
            state[f"{prefix}.bias"] = torch.zeros(part.bias.shape)
            if not isinstance(part, nn.LayerNorm):
                state[f"{prefix}.running_mean"] = torch.zeros(part.running_mean.shape)
                state[f"{prefix}.running_var"] = torch.ones(part.running_var.shape)
    return state


def probe_of_batch(module, inputs):
    """Logits by the statistics of the batch, which leave the running ones as they are."""
    kept = {name: value.clone() for name, value in module.state_dict().items()}
    module.train()
    with torch.no_grad():
        logits = module(inputs)
    module.load_state_dict(kept, strict=True)
    return logits


def numbers(tensor):
    return "{" + ", ".join(f"{v:.17g}" for v in tensor.flatten().tolist()) + "}"


def print_case(model, image, width, depth=1, activation="relu", norm="none", position="before",
               pool="max", stem="cifar", init="he"):
    inputs = image[0] * image[1] * image[2]
    if model == "mlp":
        module = Mlp(inputs, width, depth, activation, norm, position)
    elif model == "cnn":
        module = Cnn(image, width, depth, activation, norm, position, pool)
    else:
        block, counts = RESNETS[model]
        module = Resnet(image, block, counts, width, activation, stem)
    module.load_state_dict(draw_by_name(module, init, 0.2), strict=True)
    module.double()
    x = torch.sin(torch.arange(BATCH * inputs, dtype=torch.float64) * 0.7).mul(1.5).view(BATCH, inputs)
    labels = torch.arange(BATCH) % CLASSES
    first = probe_of_batch(module, x)
    optimizer = torch.optim.SGD(module.parameters(), lr=0.05, momentum=0.8, weight_decay=0.01)
    losses = []
    for _ in range(UPDATES):
        module.train()
        loss = nn.functional.cross_entropy(module(x), labels)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    by_batch = probe_of_batch(module, x)
    module.eval()
    with torch.no_grad():
        by_running = module(x)
    names = [name for name in module.state_dict() if not name.endswith("num_batches_tracked")]
    shapes = sum(p.numel() for p in module.parameters())
    print(f'    {{"{model}", {{{", ".join(map(str, image))}}}, {width}, {depth}, "{activation}", '
          f'"{norm}", "{position}", "{pool}", "{stem}", "{init}", {shapes},')
    print(f'     "{" ".join(sorted(names))}",')
    print(f"     {numbers(first)},")
    print(f"     {numbers(torch.tensor(losses, dtype=torch.float64))},")
    print(f"     {numbers(by_batch)},")
    print(f"     {numbers(by_running)}}},")


print(f"""// Printed by models_values.py with PyTorch {torch.__version__.split('+')[0]}.

#pragma once

#include <cstdint>
#include <vector>

namespace firstguess::trainer::pytorch {{

// clang-format off
inline constexpr int64_t kBatch = {BATCH};
inline constexpr int64_t kClasses = {CLASSES};

struct ModelCase {{
  const char* model;
  std::vector<int64_t> image;  // channels, height, width
  int64_t width;
  int64_t depth;
  const char* activation;
  const char* norm;
  const char* norm_position;
  const char* pool;
  const char* stem;
  const char* init;
  int64_t parameters;  // elements of all
  const char* names;   // of parameters and running moments, sorted
  std::vector<double> first_logits;  // in training mode
  std::vector<double> losses;        // of each update, before it
  std::vector<double> batch_logits;  // after the last, in training mode
  std::vector<double> running_logits;  // and in evaluation mode
}};

inline const std::vector<ModelCase> kModelCases = {{""")
VECTOR, IMAGE, LARGE = (1, 1, 7), (2, 8, 9), (2, 20, 18)
print_case("mlp", VECTOR, 5, 2)
print_case("mlp", VECTOR, 5, 2, "tanh", "layer_norm", "before", init="orthogonal")
print_case("mlp", VECTOR, 5, 2, "relu", "layer_norm", "after")
print_case("mlp", VECTOR, 5, 2, "gelu", "batch_norm", "before", init="glorot")
print_case("mlp", VECTOR, 5, 2, "leaky_relu", "batch_norm", "after")
print_case("cnn", IMAGE, 3, 3)
print_case("cnn", IMAGE, 3, 1, "tanh", pool="average", init="orthogonal")
print_case("cnn", IMAGE, 3, 3, "gelu", "layer_norm", "before", init="glorot")
print_case("cnn", IMAGE, 3, 2, "relu", "layer_norm", "after", pool="average")
print_case("cnn", IMAGE, 3, 2, "tanh", "batch_norm", "before", pool="average")
print_case("cnn", IMAGE, 3, 3, "leaky_relu", "batch_norm", "after")
print_case("resnet18", IMAGE, 2)
print_case("resnet18", LARGE, 3, activation="tanh", stem="imagenet", init="glorot")
print_case("resnet34", IMAGE, 2, activation="gelu")
print_case("resnet50", IMAGE, 2, init="orthogonal")
print_case("resnet50", LARGE, 2, activation="leaky_relu", stem="imagenet")
print("""};

}  // namespace firstguess::trainer::pytorch""")
