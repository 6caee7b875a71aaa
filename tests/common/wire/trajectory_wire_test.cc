#include "common/wire/trajectory_wire.h"

#include <bit>
#include <cmath>
#include <cstdint>
#include <limits>
#include <random>
#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace firstguess {
namespace {

using ::testing::HasSubstr;
using ::testing::SizeIs;

constexpr double Snapshot::*kScalars[] = {
    &Snapshot::train_loss,          &Snapshot::grad_norm,    &Snapshot::probe_loss,
    &Snapshot::probe_cross_entropy, &Snapshot::accuracy,     &Snapshot::max_guess,
    &Snapshot::guess_entropy,       &Snapshot::prob_entropy, &Snapshot::mean_weight,
    &Snapshot::kept_fraction,       &Snapshot::tied_fraction};

constexpr double LayerState::*kLayerScalars[] = {
    &LayerState::pre_mean,    &LayerState::pre_variance,     &LayerState::correlation,
    &LayerState::drift_ratio, &LayerState::dead_fraction,    &LayerState::grad_norm,
    &LayerState::weight_norm, &LayerState::distance_to_init, &LayerState::cosine_to_init};
constexpr double NoiseState::*kNoiseScalars[] = {
    &NoiseState::kept_clean,       &NoiseState::kept_corrupted, &NoiseState::weight_clean,
    &NoiseState::weight_corrupted, &NoiseState::accuracy_given, &NoiseState::accuracy_true};

// Random values of every size, each quantity its own.
class Source {
 public:
  explicit Source(unsigned seed) : random_(seed) {}

  double Finite() {
    for (;;) {
      const auto value = std::bit_cast<double>(random_());
      if (std::isfinite(value)) return value;
    }
  }
  int64_t Integer() { return static_cast<int64_t>(random_()); }

  Snapshot MakeSnapshot(int64_t step, size_t classes) {
    Snapshot snapshot;
    snapshot.step = step;
    snapshot.epoch = Finite();
    for (double Snapshot::*scalar : kScalars) {
      if (random_() % 4 != 0) snapshot.*scalar = Finite();
    }
    for (size_t c = 0; c < classes; ++c) {
      snapshot.guess_count.push_back(Integer());
      snapshot.correct_count.push_back(Integer());
      snapshot.mean_prob.push_back(Finite());
      snapshot.class_loss.push_back(random_() % 4 != 0 ? Finite() : kNotMeasured);
      snapshot.drift.push_back(Finite());
    }
    return snapshot;
  }

  void AddGroups(Snapshot& snapshot, size_t classes) {
    for (size_t c = 0; c < classes; ++c) {
      snapshot.logit_mean.push_back(Finite());
      snapshot.logit_variance.push_back(Finite());
      snapshot.confusion.push_back({Integer(), Integer(), Integer()});
    }
    for (const char* name : {"layers.0", "layers.1"}) {
      LayerState& layer = snapshot.layers.emplace_back();
      layer.name = name;
      for (double LayerState::*scalar : kLayerScalars) layer.*scalar = MaybeFinite();
    }
    NoiseState& noise = snapshot.noise.emplace();
    noise.clean_examples = Integer();
    noise.corrupted_examples = Integer();
    for (double NoiseState::*scalar : kNoiseScalars) noise.*scalar = MaybeFinite();
    snapshot.sharpness = {MaybeFinite(), MaybeFinite(), Integer()};
  }

  double MaybeFinite() { return random_() % 4 != 0 ? Finite() : kNotMeasured; }

  Trajectory MakeTrajectory(size_t snapshots, size_t classes) {
    Trajectory trajectory;
    trajectory.diverged_at_step = 77;
    for (size_t c = 0; c < classes; ++c) {
      trajectory.support.push_back(Integer());
      trajectory.initial_rank.push_back(Integer());
    }
    for (size_t i = 0; i < snapshots; ++i) {
      trajectory.snapshots.push_back(MakeSnapshot(static_cast<int64_t>(i) * 3, classes));
    }
    trajectory.device = "cuda:0 Größe";
    trajectory.library = "libtorch 2";
    trajectory.pack_size = 64;
    trajectory.train_seconds = Finite();
    return trajectory;
  }

 private:
  std::mt19937_64 random_;
};

void ExpectSameBits(double a, double b) {
  EXPECT_EQ(std::bit_cast<uint64_t>(a), std::bit_cast<uint64_t>(b)) << a << " and " << b;
}

void ExpectSameBits(const std::vector<double>& a, const std::vector<double>& b) {
  ASSERT_EQ(a.size(), b.size());
  for (size_t i = 0; i < a.size(); ++i) ExpectSameBits(a[i], b[i]);
}

void ExpectSameGroups(const Snapshot& a, const Snapshot& b) {
  ExpectSameBits(a.logit_mean, b.logit_mean);
  ExpectSameBits(a.logit_variance, b.logit_variance);
  EXPECT_EQ(a.confusion, b.confusion);
  ASSERT_EQ(a.layers.size(), b.layers.size());
  for (size_t i = 0; i < a.layers.size(); ++i) {
    EXPECT_EQ(a.layers[i].name, b.layers[i].name);
    for (double LayerState::*scalar : kLayerScalars) {
      ExpectSameBits(a.layers[i].*scalar, b.layers[i].*scalar);
    }
  }
  ASSERT_EQ(a.noise.has_value(), b.noise.has_value());
  if (a.noise.has_value()) {
    EXPECT_EQ(a.noise->clean_examples, b.noise->clean_examples);
    EXPECT_EQ(a.noise->corrupted_examples, b.noise->corrupted_examples);
    for (double NoiseState::*scalar : kNoiseScalars) {
      ExpectSameBits((*a.noise).*scalar, (*b.noise).*scalar);
    }
  }
  ASSERT_EQ(a.sharpness.has_value(), b.sharpness.has_value());
  if (a.sharpness.has_value()) {
    ExpectSameBits(a.sharpness->sharpness, b.sharpness->sharpness);
    ExpectSameBits(a.sharpness->residual, b.sharpness->residual);
    EXPECT_EQ(a.sharpness->iterations, b.sharpness->iterations);
  }
}

void ExpectSame(const Trajectory& a, const Trajectory& b) {
  EXPECT_EQ(a.diverged_at_step, b.diverged_at_step);
  EXPECT_EQ(a.support, b.support);
  EXPECT_EQ(a.initial_rank, b.initial_rank);
  EXPECT_EQ(a.device, b.device);
  EXPECT_EQ(a.library, b.library);
  EXPECT_EQ(a.pack_size, b.pack_size);
  ExpectSameBits(a.train_seconds, b.train_seconds);
  ASSERT_EQ(a.snapshots.size(), b.snapshots.size());
  for (size_t i = 0; i < a.snapshots.size(); ++i) {
    const Snapshot& x = a.snapshots[i];
    const Snapshot& y = b.snapshots[i];
    EXPECT_EQ(x.step, y.step);
    ExpectSameBits(x.epoch, y.epoch);
    for (double Snapshot::*scalar : kScalars) ExpectSameBits(x.*scalar, y.*scalar);
    EXPECT_EQ(x.guess_count, y.guess_count);
    EXPECT_EQ(x.correct_count, y.correct_count);
    ExpectSameBits(x.mean_prob, y.mean_prob);
    ExpectSameBits(x.class_loss, y.class_loss);
    ExpectSameBits(x.drift, y.drift);
    ExpectSameGroups(x, y);
  }
}

v1::Trajectory OverTheWire(const v1::Trajectory& message) {
  v1::Trajectory received;
  EXPECT_TRUE(received.ParseFromString(message.SerializeAsString()));
  return received;
}

TEST(TrajectoryWireTest, EveryNumberSurvivesBitForBit) {
  const unsigned seed = std::random_device{}();
  SCOPED_TRACE("seed " + std::to_string(seed));
  const Trajectory sent = Source(seed).MakeTrajectory(30, 10);
  const auto received = FromProto(OverTheWire(ToProto(sent)));
  ASSERT_TRUE(received.ok()) << received.status();
  ExpectSame(*received, sent);
}

TEST(TrajectoryWireTest, GroupsSurviveBitForBitAlsoInChunks) {
  const unsigned seed = std::random_device{}();
  SCOPED_TRACE("seed " + std::to_string(seed));
  Source source(seed);
  Trajectory sent = source.MakeTrajectory(20, 10);
  for (const size_t i : {0u, 3u, 19u}) source.AddGroups(sent.snapshots[i], 10);
  TrajectoryAssembler assembler;
  for (const v1::Trajectory& chunk : SplitTrajectory(ToProto(sent), 4096)) {
    ASSERT_TRUE(assembler.Add(OverTheWire(chunk)).ok());
  }
  ExpectSame(assembler.Finish(), sent);
}

TEST(TrajectoryWireTest, WithoutGroupsAMessageHasNotOneByteOfThem) {
  const v1::Trajectory message = ToProto(Source(1).MakeTrajectory(1, 3));
  const v1::Snapshot& snapshot = message.snapshots(0);
  EXPECT_FALSE(snapshot.has_confusion() || snapshot.has_noise() || snapshot.has_sharpness());
  EXPECT_EQ(snapshot.layers_size() + snapshot.logit_mean_size() + snapshot.logit_variance_size(),
            0);
}

TEST(TrajectoryAssemblerTest, RefusesAConfusionMatrixOfUnequalColumns) {
  Source source(1);
  Trajectory trajectory = source.MakeTrajectory(1, 3);
  source.AddGroups(trajectory.snapshots[0], 3);
  v1::Trajectory message = ToProto(trajectory);
  message.mutable_snapshots(0)->mutable_confusion()->add_count(1);
  EXPECT_EQ(FromProto(message).status().message(),
            "snapshot at step 0: confusion has 3 labels and 4 of count");
}

TEST(TrajectoryWireTest, AFreshTrajectoryIsNotDiverged) {
  const auto received = FromProto(OverTheWire(ToProto(Trajectory())));
  ASSERT_TRUE(received.ok()) << received.status();
  ExpectSame(*received, Trajectory());
  EXPECT_EQ(received->diverged_at_step, -1);
}

TEST(TrajectoryWireTest, ScalarsThatAreNotFiniteAreAbsent) {
  Trajectory trajectory = Source(1).MakeTrajectory(1, 2);
  Snapshot& snapshot = trajectory.snapshots[0];
  snapshot.train_loss = kNotMeasured;
  snapshot.grad_norm = std::numeric_limits<double>::infinity();
  snapshot.accuracy = 0;
  v1::Trajectory message = ToProto(trajectory);
  EXPECT_FALSE(message.snapshots(0).has_train_loss());
  EXPECT_FALSE(message.snapshots(0).has_grad_norm());
  EXPECT_TRUE(message.snapshots(0).has_accuracy());

  message.mutable_snapshots(0)->set_probe_loss(-std::numeric_limits<double>::infinity());
  const auto received = FromProto(message);
  ASSERT_TRUE(received.ok()) << received.status();
  EXPECT_TRUE(std::isnan(received->snapshots[0].train_loss));
  EXPECT_TRUE(std::isnan(received->snapshots[0].grad_norm));
  EXPECT_TRUE(std::isnan(received->snapshots[0].probe_loss));
}

TEST(SplitTrajectoryTest, ChunksStayUnderTheBoundAndAssembleToTheSame) {
  const unsigned seed = std::random_device{}();
  SCOPED_TRACE("seed " + std::to_string(seed));
  const Trajectory sent = Source(seed).MakeTrajectory(100, 10);
  const size_t whole = ToProto(sent).ByteSizeLong();
  for (const size_t max_bytes : {size_t{1000}, size_t{4096}, whole / 2, whole + 1000}) {
    const auto chunks = SplitTrajectory(ToProto(sent), max_bytes);
    TrajectoryAssembler assembler;
    for (const v1::Trajectory& chunk : chunks) {
      EXPECT_LE(chunk.ByteSizeLong(), max_bytes);
      ASSERT_TRUE(assembler.Add(OverTheWire(chunk)).ok());
    }
    ExpectSame(assembler.Finish(), sent);
    EXPECT_GE(chunks.size(), whole / max_bytes);
  }
}

TEST(SplitTrajectoryTest, ASmallTrajectoryIsOneChunk) {
  EXPECT_THAT(SplitTrajectory(ToProto(Source(1).MakeTrajectory(5, 10)), 1 << 20), SizeIs(1));
  EXPECT_THAT(SplitTrajectory(ToProto(Trajectory()), 100), SizeIs(1));
}

TEST(SplitTrajectoryTest, OnlyTheLastChunkHasMoreThanSnapshots) {
  const auto chunks = SplitTrajectory(ToProto(Source(1).MakeTrajectory(20, 10)), 2000);
  ASSERT_GT(chunks.size(), 2u);
  for (size_t i = 0; i + 1 < chunks.size(); ++i) {
    EXPECT_GT(chunks[i].snapshots_size(), 0);
    EXPECT_EQ(chunks[i].support_size(), 0);
    EXPECT_EQ(chunks[i].device(), "");
    EXPECT_FALSE(chunks[i].has_diverged_at_step());
  }
  EXPECT_EQ(chunks.back().support_size(), 10);
}

TEST(SplitTrajectoryTest, ASnapshotLargerThanTheBoundTravelsAlone) {
  const auto chunks = SplitTrajectory(ToProto(Source(1).MakeTrajectory(3, 10)), 50);
  ASSERT_THAT(chunks, SizeIs(4));
  for (size_t i = 0; i < 3; ++i) EXPECT_EQ(chunks[i].snapshots_size(), 1);
}

TEST(TrajectoryAssemblerTest, IsEmptyAfterFinish) {
  const Trajectory first = Source(1).MakeTrajectory(3, 10);
  const Trajectory second = Source(2).MakeTrajectory(2, 4);
  TrajectoryAssembler assembler;
  ASSERT_TRUE(assembler.Add(ToProto(first)).ok());
  ExpectSame(assembler.Finish(), first);
  ASSERT_TRUE(assembler.Add(ToProto(second)).ok());
  ExpectSame(assembler.Finish(), second);
}

absl::Status Problem(const v1::Trajectory& message) { return FromProto(message).status(); }

TEST(TrajectoryAssemblerTest, RefusesVectorsOfAnotherLength) {
  const v1::Trajectory good = ToProto(Source(1).MakeTrajectory(2, 3));
  ASSERT_TRUE(Problem(good).ok());

  v1::Trajectory bad = good;
  bad.mutable_snapshots(1)->add_drift(0.5);
  EXPECT_EQ(Problem(bad).code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(Problem(bad).message(), "snapshot at step 3: drift has 4 classes where others have 3");
  bad = good;
  bad.mutable_snapshots(1)->clear_guess_count();
  EXPECT_EQ(Problem(bad).message(), "snapshot at step 3: guess_count has no classes");
  bad = good;
  bad.add_support(1);
  EXPECT_EQ(Problem(bad).message(), "support has 4 classes where others have 3");
  bad = good;
  bad.mutable_initial_rank()->RemoveLast();
  EXPECT_EQ(Problem(bad).message(), "initial_rank has 2 classes where others have 3");
  bad = good;
  bad.set_diverged_at_step(-2);
  EXPECT_EQ(Problem(bad).message(), "diverged_at_step -2 is negative");
}

TEST(TrajectoryAssemblerTest, LengthsAgreeOverChunks) {
  TrajectoryAssembler assembler;
  ASSERT_TRUE(assembler.Add(ToProto(Source(1).MakeTrajectory(1, 3))).ok());
  const absl::Status status = assembler.Add(ToProto(Source(1).MakeTrajectory(1, 4)));
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
}

TEST(TrajectoryAssemblerTest, BoundsTheMemoryOfTheWhole) {
  // Zeros take one byte each on the wire and eight in memory.
  v1::Trajectory chunk;
  v1::Snapshot& snapshot = *chunk.add_snapshots();
  constexpr int kClasses = 100000;
  snapshot.mutable_guess_count()->Resize(kClasses, 0);
  snapshot.mutable_correct_count()->Resize(kClasses, 0);
  snapshot.mutable_mean_prob()->Resize(kClasses, 0);
  snapshot.mutable_class_loss()->Resize(kClasses, 0);
  snapshot.mutable_drift()->Resize(kClasses, 0);
  constexpr size_t kSnapshotBytes = kClasses * 5 * 8;
  TrajectoryAssembler assembler;
  size_t added = 0;
  absl::Status status = assembler.Add(chunk);
  while (status.ok() && added < 100) {
    ++added;
    status = assembler.Add(chunk);
  }
  EXPECT_EQ(status.code(), absl::StatusCode::kResourceExhausted);
  EXPECT_THAT(std::string(status.message()), HasSubstr("67108864 bytes"));
  EXPECT_EQ(added, TrajectoryAssembler::kMaxBytes / kSnapshotBytes);
}

}  // namespace
}  // namespace firstguess
