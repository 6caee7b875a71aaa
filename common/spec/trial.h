#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <variant>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace firstguess {

// A loss by name with every parameter spelled out, defaults too. Two losses are equal when name
// and parameters are.
struct Loss {
  using Parameter = std::variant<double, std::string>;

  std::string name = "cross_entropy";
  std::map<std::string, Parameter> parameters;

  bool operator==(const Loss&) const = default;
};

// One distinct training configuration: everything that decides a trajectory, and nothing else.
// The members are the sweep file's fields by their names; `fields.h` holds the table that says
// what each one is. A default may never change: keys of stored trials depend on it.
//
// Thread-compatible value type.
struct TrialConfig {
  std::string dataset;
  std::string model = "mlp";
  int64_t width = 64;  // units of a hidden layer
  int64_t depth = 3;   // hidden layers
  std::string activation = "relu";
  std::string norm = "none";              // of mlp and cnn
  std::string norm_position = "before";   // the activation
  std::string norm_statistics = "batch";  // of batch normalisation on the probe set
  std::string pool = "max";               // of cnn
  std::string stem = "cifar";             // of resnets
  std::string init = "he";
  double init_scale = 1;          // multiplies the weights' standard deviation
  double bias_scale = 0;          // standard deviation of the biases
  double readout_scale = 1;       // multiplies the read-out weights' standard deviation once more
  double init_max_guess_min = 0;  // the initialisation is drawn again until max_guess at step 0 …
  double init_max_guess_max = 1;  // … is between the two
  int64_t init_tries = 100;       // draws after which such a trial fails
  Loss loss;
  double logit_bias = 0;         // added to the label's logit in training
  int64_t loss_delay_steps = 0;  // updates with cross-entropy before the loss takes over
  std::string optimizer = "sgd";
  double learning_rate = 0.05;
  double momentum = 0.9;  // of optimizer momentum
  double weight_decay = 0;
  std::string schedule = "constant";  // of the learning rate
  int64_t warmup_steps = 0;           // updates in which it rises first
  int64_t schedule_every = 100;       // updates; of schedule step
  double schedule_factor = 0.1;       // of schedule step
  double max_grad_norm = 0;           // gradients are scaled down to it; 0: never
  int64_t batch_size = 128;
  int64_t steps = 0;       // updates
  double label_noise = 0;  // probability that a training label is replaced
  std::string noise_kind = "symmetric";
  std::string noise_matrix;             // of noise_kind matrix: "3>5,5>3:0.5"
  double class_imbalance = 1;           // largest class over smallest
  std::string class_subset;             // "0,3,7"; empty: all classes
  double input_shift = 0;               // added to every normalised input
  int64_t data_classes = 10;            // of generated data and of one's own
  int64_t data_dimension = 100;         // inputs of generated data
  double data_separation = 4;           // of blobs: a centre's distance from 0
  int64_t data_train_per_class = 1000;  // of generated data
  int64_t data_test_per_class = 1000;   // of generated data
  int64_t seed = 0;                     // of the initialisation
  int64_t data_seed = 0;                // of batches, probe set, label noise and generated data
  int64_t probe_size = 2000;            // examples that snapshots are measured on
  int64_t points = 24;                  // snapshots after step 0
  std::string spacing = "log";
  std::string groups;                 // what else is measured: "layers,logits"
  std::string confusion_steps;        // of group confusion: "0,10,200"; empty: first and last
  int64_t sharpness_iterations = 20;  // of group sharpness

  bool operator==(const TrialConfig&) const = default;
};

// The canonical JSON of `config` (RFC 8785, UTF-8): `format_version` 1, each field by its name,
// `loss` the loss's name and `loss_params` an object with all its parameters. A field without
// effect is left out, and one that is newer than the format while it has its default (`fields.h`);
// -0 is written 0. Stable: pinned by
// tests/common/spec/trial_keys.json.
std::string CanonicalJson(const TrialConfig& config);

// The trial's identity: SHA-256 of CanonicalJson in lower-case hexadecimal.
std::string TrialKey(const TrialConfig& config);

// Reads what CanonicalJson wrote. Left-out fields take their defaults. InvalidArgument, naming the
// field, for anything CanonicalJson would not have written.
absl::StatusOr<TrialConfig> TrialConfigFromJson(absl::string_view json);

}  // namespace firstguess
