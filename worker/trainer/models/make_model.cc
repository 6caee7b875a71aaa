#include "worker/trainer/models/make_model.h"

#include "worker/trainer/models/activation.h"
#include "worker/trainer/models/cnn.h"
#include "worker/trainer/models/mlp.h"
#include "worker/trainer/models/normalisation.h"
#include "worker/trainer/models/resnet.h"

namespace firstguess::trainer {

ImageShape ImageShapeOf(const ImageDataset& data) {
  return {data.train.channels, data.train.height, data.train.width};
}

std::shared_ptr<const Model> MakeModel(const TrialConfig& config, const ImageDataset& data) {
  const ImageShape image = ImageShapeOf(data);
  const Activation activation = *ActivationFromName(config.activation);
  if (const ResnetPlan* plan = FindResnet(config.model)) {
    return MakeResnet(*plan, image, config.stem == "imagenet" ? Stem::kImagenet : Stem::kCifar,
                      config.width, data.classes, activation);
  }
  const Normalisation norm = Normalisation::Of(config);
  if (config.model == "cnn") {
    return MakeCnn(image, config.width, config.depth, data.classes, activation, norm,
                   config.pool == "max" ? Pooling::kMax : Pooling::kAverage);
  }
  return MakeMlp({data.train.inputs, config.width, config.depth, data.classes, activation, norm});
}

}  // namespace firstguess::trainer
