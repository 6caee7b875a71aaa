PRAGMA application_id = 1179075650;
PRAGMA user_version = 7;
PRAGMA journal_mode = wal;
PRAGMA foreign_keys=OFF;
BEGIN TRANSACTION;
CREATE TABLE sweep (
  -- A named grid and how far it is. Times in all tables are Unix seconds, UTC. Counters are over
  -- the cells of the grid, kept in the transactions that change them. What is left over, cells -
  -- done - failed - cancelled - leased, is pending. Cells that no pack was opened for have no row
  -- in `cell` yet: they are pending, in a cancelled sweep cancelled.
  sweep_id    INTEGER PRIMARY KEY,  -- number of the sweep, in the order of submission
  name        TEXT NOT NULL UNIQUE,  -- name in the sweep file
  revision    INTEGER NOT NULL,  -- the latest
  state       TEXT NOT NULL  -- running, paused, cancelled or done
              CHECK (state IN ('running', 'paused', 'cancelled', 'done')),
  priority    INTEGER NOT NULL,  -- the highest is trained first
  cells       INTEGER NOT NULL,  -- points of the grid
  done        INTEGER NOT NULL DEFAULT 0,  -- cells whose trial is trained, diverged ones included
  failed      INTEGER NOT NULL DEFAULT 0,  -- cells whose trial is given up
  cancelled   INTEGER NOT NULL DEFAULT 0,  -- cells that nobody wants any more
  leased      INTEGER NOT NULL DEFAULT 0,  -- cells whose trial a worker has
  diverged    INTEGER NOT NULL DEFAULT 0,  -- part of done
  created_at  REAL NOT NULL,  -- first submission
  finished_at REAL  -- done or cancelled
) STRICT;
INSERT INTO sweep VALUES(1,'finished',1,'done',0,3,2,1,0,0,0,1795893952.3305809497,1795893952.4405760764);
INSERT INTO sweep VALUES(2,'open',1,'running',0,2,0,0,0,2,0,1795893955.6992099284,NULL);
CREATE TABLE sweep_revision (
  -- What was submitted under a sweep's name, from the first file to the latest.
  sweep_id     INTEGER NOT NULL REFERENCES sweep,  -- the sweep
  revision     INTEGER NOT NULL,  -- from 1
  spec         TEXT NOT NULL,  -- the sweep file as submitted
  canonical    TEXT NOT NULL,  -- what it says, as canonical JSON
  submitted_at REAL NOT NULL,  -- submission
  plan_rules   INTEGER NOT NULL DEFAULT 1,  -- how its cells are cut in packs: 1 equally, 2 smaller towards the end
  PRIMARY KEY (sweep_id, revision)
) STRICT;
INSERT INTO sweep_revision VALUES(1,1,replace('name: finished\ndataset: fashion-mnist\nwidth: 16\ntrain: {optimizer: momentum, steps: 10}\nmeasure: {points: 1, probe_size: 100}\nlabel_noise: 0.2\npack: {max_trials: 2}\ngrid:\n  loss: [{blurry: {gamma: 0.5}}]\n  seed: [0, 1, 1000004]\n','\n',char(10)),'{"fields":{"activation":"relu","batch_size":128,"bias_scale":0,"class_imbalance":1,"data_seed":0,"dataset":"fashion-mnist","depth":3,"init":"he","init_scale":1,"label_noise":0.2,"learning_rate":0.05,"loss_delay_steps":0,"model":"mlp","momentum":0.9,"noise_kind":"symmetric","optimizer":"momentum","points":1,"probe_size":100,"spacing":"log","steps":10,"weight_decay":0,"width":16},"format_version":1,"grid":[{"field":"loss","values":[{"loss":"blurry","loss_params":{"gamma":0.5,"gradient":"detached"}}]},{"field":"seed","values":[0,1,1000004]}],"max_attempts":3,"name":"finished","pack":{"max_flops":2000000000000,"max_trials":2},"priority":0,"requires":{"device":"","device_name":"","labels":[],"memory":0}}',1795893952.3305809497,1);
INSERT INTO sweep_revision VALUES(2,1,replace('name: open\ndataset: fashion-mnist\nwidth: 16\ntrain: {optimizer: momentum, steps: 10}\nmeasure: {points: 1, probe_size: 100}\nlabel_noise: 0.2\npack: {max_trials: 2}\ngrid:\n  loss: [{blurry: {gamma: 0.5}}]\n  seed: [1000002, 2]\n','\n',char(10)),'{"fields":{"activation":"relu","batch_size":128,"bias_scale":0,"class_imbalance":1,"data_seed":0,"dataset":"fashion-mnist","depth":3,"init":"he","init_scale":1,"label_noise":0.2,"learning_rate":0.05,"loss_delay_steps":0,"model":"mlp","momentum":0.9,"noise_kind":"symmetric","optimizer":"momentum","points":1,"probe_size":100,"spacing":"log","steps":10,"weight_decay":0,"width":16},"format_version":1,"grid":[{"field":"loss","values":[{"loss":"blurry","loss_params":{"gamma":0.5,"gradient":"detached"}}]},{"field":"seed","values":[1000002,2]}],"max_attempts":3,"name":"open","pack":{"max_flops":2000000000000,"max_trials":2},"priority":0,"requires":{"device":"","device_name":"","labels":[],"memory":0}}',1795893955.6992099284,1);
CREATE TABLE pack (
  -- Trials of one shape, trained together: the unit of leasing. Its members are the trials with its
  -- pack_id.
  pack_id        INTEGER PRIMARY KEY,  -- number of the pack
  sweep_id       INTEGER NOT NULL REFERENCES sweep,  -- whose plan brought it
  revision       INTEGER NOT NULL,  -- of that sweep
  plan_index     INTEGER NOT NULL,  -- its place in the plan
  parent_pack_id INTEGER REFERENCES pack  -- the pack that it was split from
) STRICT;
INSERT INTO pack VALUES(1,1,1,0,NULL);
INSERT INTO pack VALUES(2,1,1,2,NULL);
INSERT INTO pack VALUES(3,2,1,0,NULL);
CREATE TABLE trial (
  -- One distinct training configuration, whatever sweeps want it. The columns from dataset to
  -- spacing are the configuration by field. NULL there: without effect in this trial (momentum
  -- unless the optimizer uses it, noise_kind without label noise, loss_delay_steps with
  -- cross-entropy).
  trial_id         INTEGER PRIMARY KEY,  -- number of the trial in this database
  key              TEXT NOT NULL UNIQUE,  -- SHA-256 of config, hexadecimal
  status           TEXT NOT NULL  -- pending, leased, done, failed or cancelled
                   CHECK (status = 'pending' OR status = 'leased' OR status = 'done'
                          OR status = 'failed' OR status = 'cancelled'),
  dataset          TEXT,  -- what is trained and measured on
  model            TEXT,  -- kind of network
  width            INTEGER,  -- units of a hidden layer
  depth            INTEGER,  -- hidden layers
  activation       TEXT,  -- nonlinearity after each hidden layer
  init             TEXT,  -- rule for the initial weights' standard deviation
  init_scale       REAL,  -- multiplies the weights' standard deviation
  bias_scale       REAL,  -- standard deviation of the biases
  loss             TEXT,  -- name of the loss
  loss_params      TEXT,  -- JSON object: every parameter of the loss
  loss_delay_steps INTEGER,  -- updates with cross-entropy before the loss takes over
  optimizer        TEXT,  -- rule of the updates
  learning_rate    REAL,  -- factor of an update
  momentum         REAL,  -- share of the update before that is kept
  weight_decay     REAL,  -- times the weights, added to the gradient
  batch_size       INTEGER,  -- training examples of an update
  steps            INTEGER,  -- updates
  label_noise      REAL,  -- probability that a training label is replaced
  noise_kind       TEXT,  -- by which label it is replaced
  class_imbalance  REAL,  -- largest class over smallest
  seed             INTEGER,  -- of the initialisation
  data_seed        INTEGER,  -- of batches, probe set and label noise
  probe_size       INTEGER,  -- test examples that snapshots are measured on
  points           INTEGER,  -- snapshots after step 0
  spacing          TEXT,  -- how the snapshots' steps are spaced: log or linear
  config           TEXT NOT NULL,  -- all of it, as canonical JSON
  pack_id          INTEGER NOT NULL REFERENCES pack,  -- the pack that owns it
  slot             INTEGER NOT NULL,  -- its place in the pack
  attempts         INTEGER NOT NULL DEFAULT 0,  -- that were charged to it
  failure_class    TEXT  -- kind of failure, of a failed trial
                   CHECK (failure_class = 'crash' OR failure_class = 'timeout'
                          OR failure_class = 'out_of_memory' OR failure_class = 'lost'
                          OR failure_class = 'preempted' OR failure_class = 'invalid'
                          OR failure_class = 'init_condition'),
  failure_message  TEXT,  -- what went wrong, of a failed trial
  diverged_at_step INTEGER,  -- first step that was not finite; NULL: finite to the end
  worker           TEXT,  -- whose result it is
  device           TEXT,  -- that trained it
  pack_size        INTEGER,  -- networks trained together in its tile
  library          TEXT,  -- that computed it, with its version
  replanned        INTEGER NOT NULL DEFAULT 0 CHECK (replanned IN (0, 1)),  -- its pack was split
  started_at       REAL,  -- the latest attempt
  finished_at      REAL,  -- done, failed or cancelled
  train_seconds    REAL  -- time its training took
, readout_scale REAL DEFAULT 1
  /* multiplies the read-out weights' standard deviation once more */, schedule TEXT DEFAULT 'constant'
  /* of the learning rate after the warm-up */, warmup_steps INTEGER DEFAULT 0
  /* updates in which the learning rate rises first */, schedule_every INTEGER
  /* updates after which schedule step multiplies the learning rate again */, schedule_factor REAL
  /* what schedule step multiplies it by */, max_grad_norm REAL DEFAULT 0
  /* gradients with a larger norm are scaled down to it; 0: none is */, norm TEXT DEFAULT 'none'
  /* normalisation of each hidden layer */, norm_position TEXT
  /* before or after the activation */, norm_statistics TEXT
  /* what batch_norm takes on the probe set: batch or running moments */, pool TEXT
  /* pooling of a cnn */, stem TEXT
  /* first layers of a resnet */, init_max_guess_min REAL DEFAULT 0
  /* the initial weights were drawn again until max_guess at step 0 was at least this */, init_max_guess_max REAL DEFAULT 1
  /* and at most this */, init_tries INTEGER
  /* draws after which it fails */, logit_bias REAL DEFAULT 0
  /* added to the label's logit in training */, noise_matrix TEXT
  /* class>other:share, what replaces the labels of a class */, class_subset TEXT DEFAULT ''
  /* the classes that were used, numbered anew from 0; empty: all */, input_shift REAL DEFAULT 0
  /* added to every normalised input */, data_classes INTEGER
  /* classes of generated data, or of your own */, data_dimension INTEGER
  /* inputs of generated data */, data_separation REAL
  /* distance of a blob's centre from 0 */, data_train_per_class INTEGER
  /* training examples of each class of generated data */, data_test_per_class INTEGER
  /* test examples of each class of generated data */, groups TEXT DEFAULT ''
  /* what else was measured */, confusion_steps TEXT
  /* steps of the snapshots with a confusion matrix; empty: the first and the last */, sharpness_iterations INTEGER
  /* of the power iteration for the largest eigenvalue of the Hessian */, init_try INTEGER
  /* the draw of the initial weights that was taken, from 1; NULL: without a condition */) STRICT;
INSERT INTO trial VALUES(1,'1d4d60d7843e90aeb66751e970586bd4849191940ad5b148083a1481aa5f5b1b','done','fashion-mnist','mlp',16,3,'relu','he',1.0,0.0,'blurry','{"gamma":0.5,"gradient":"detached"}',0,'momentum',0.050000000000000002775,0.9000000000000000222,0.0,128,10,0.2000000000000000111,'symmetric',1.0,0,0,100,1,'log','{"activation":"relu","batch_size":128,"bias_scale":0,"class_imbalance":1,"data_seed":0,"dataset":"fashion-mnist","depth":3,"format_version":1,"init":"he","init_scale":1,"label_noise":0.2,"learning_rate":0.05,"loss":"blurry","loss_delay_steps":0,"loss_params":{"gamma":0.5,"gradient":"detached"},"model":"mlp","momentum":0.9,"noise_kind":"symmetric","optimizer":"momentum","points":1,"probe_size":100,"seed":0,"spacing":"log","steps":10,"weight_decay":0,"width":16}',1,0,0,NULL,NULL,NULL,'north','cpu',1,'none',0,1795893952.3305809497,1795893952.432379961,0.25,1.0,'constant',0,NULL,NULL,0.0,'none',NULL,NULL,NULL,NULL,0.0,1.0,NULL,0.0,NULL,'',0.0,NULL,NULL,NULL,NULL,NULL,'',NULL,NULL,NULL);
INSERT INTO trial VALUES(2,'6f250a0e3eff1dee9a952abc18450de59bb616947c137d6a04817b0c38a9b5e9','done','fashion-mnist','mlp',16,3,'relu','he',1.0,0.0,'blurry','{"gamma":0.5,"gradient":"detached"}',0,'momentum',0.050000000000000002775,0.9000000000000000222,0.0,128,10,0.2000000000000000111,'symmetric',1.0,1,0,100,1,'log','{"activation":"relu","batch_size":128,"bias_scale":0,"class_imbalance":1,"data_seed":0,"dataset":"fashion-mnist","depth":3,"format_version":1,"init":"he","init_scale":1,"label_noise":0.2,"learning_rate":0.05,"loss":"blurry","loss_delay_steps":0,"loss_params":{"gamma":0.5,"gradient":"detached"},"model":"mlp","momentum":0.9,"noise_kind":"symmetric","optimizer":"momentum","points":1,"probe_size":100,"seed":1,"spacing":"log","steps":10,"weight_decay":0,"width":16}',1,1,0,NULL,NULL,NULL,'north','cpu',1,'none',0,1795893952.3305809497,1795893952.4364221096,0.25,1.0,'constant',0,NULL,NULL,0.0,'none',NULL,NULL,NULL,NULL,0.0,1.0,NULL,0.0,NULL,'',0.0,NULL,NULL,NULL,NULL,NULL,'',NULL,NULL,NULL);
INSERT INTO trial VALUES(3,'73d6978e7f0b6ec9a8f249f2ae2fc59d3e2cd0e1d8cba856a82bd950be1933ed','failed','fashion-mnist','mlp',16,3,'relu','he',1.0,0.0,'blurry','{"gamma":0.5,"gradient":"detached"}',0,'momentum',0.050000000000000002775,0.9000000000000000222,0.0,128,10,0.2000000000000000111,'symmetric',1.0,1000004,0,100,1,'log','{"activation":"relu","batch_size":128,"bias_scale":0,"class_imbalance":1,"data_seed":0,"dataset":"fashion-mnist","depth":3,"format_version":1,"init":"he","init_scale":1,"label_noise":0.2,"learning_rate":0.05,"loss":"blurry","loss_delay_steps":0,"loss_params":{"gamma":0.5,"gradient":"detached"},"model":"mlp","momentum":0.9,"noise_kind":"symmetric","optimizer":"momentum","points":1,"probe_size":100,"seed":1000004,"spacing":"log","steps":10,"weight_decay":0,"width":16}',2,0,1,'invalid','no such thing',NULL,NULL,NULL,NULL,NULL,0,1795893952.3305809497,1795893952.4405760764,NULL,1.0,'constant',0,NULL,NULL,0.0,'none',NULL,NULL,NULL,NULL,0.0,1.0,NULL,0.0,NULL,'',0.0,NULL,NULL,NULL,NULL,NULL,'',NULL,NULL,NULL);
INSERT INTO trial VALUES(4,'5d30dc813c9728fddfcc68cf2e398ccee5a19c91e273d2c89eb2f2ee4cac9bdd','leased','fashion-mnist','mlp',16,3,'relu','he',1.0,0.0,'blurry','{"gamma":0.5,"gradient":"detached"}',0,'momentum',0.050000000000000002775,0.9000000000000000222,0.0,128,10,0.2000000000000000111,'symmetric',1.0,1000002,0,100,1,'log','{"activation":"relu","batch_size":128,"bias_scale":0,"class_imbalance":1,"data_seed":0,"dataset":"fashion-mnist","depth":3,"format_version":1,"init":"he","init_scale":1,"label_noise":0.2,"learning_rate":0.05,"loss":"blurry","loss_delay_steps":0,"loss_params":{"gamma":0.5,"gradient":"detached"},"model":"mlp","momentum":0.9,"noise_kind":"symmetric","optimizer":"momentum","points":1,"probe_size":100,"seed":1000002,"spacing":"log","steps":10,"weight_decay":0,"width":16}',3,0,0,NULL,NULL,NULL,NULL,NULL,NULL,NULL,0,1795893955.6992099284,NULL,NULL,1.0,'constant',0,NULL,NULL,0.0,'none',NULL,NULL,NULL,NULL,0.0,1.0,NULL,0.0,NULL,'',0.0,NULL,NULL,NULL,NULL,NULL,'',NULL,NULL,NULL);
INSERT INTO trial VALUES(5,'270675fcc24f98d7a9bcf88725c8a38564a4655d4be1a70f264857ec97aedb07','leased','fashion-mnist','mlp',16,3,'relu','he',1.0,0.0,'blurry','{"gamma":0.5,"gradient":"detached"}',0,'momentum',0.050000000000000002775,0.9000000000000000222,0.0,128,10,0.2000000000000000111,'symmetric',1.0,2,0,100,1,'log','{"activation":"relu","batch_size":128,"bias_scale":0,"class_imbalance":1,"data_seed":0,"dataset":"fashion-mnist","depth":3,"format_version":1,"init":"he","init_scale":1,"label_noise":0.2,"learning_rate":0.05,"loss":"blurry","loss_delay_steps":0,"loss_params":{"gamma":0.5,"gradient":"detached"},"model":"mlp","momentum":0.9,"noise_kind":"symmetric","optimizer":"momentum","points":1,"probe_size":100,"seed":2,"spacing":"log","steps":10,"weight_decay":0,"width":16}',3,1,0,NULL,NULL,NULL,NULL,NULL,NULL,NULL,0,1795893955.6992099284,NULL,NULL,1.0,'constant',0,NULL,NULL,0.0,'none',NULL,NULL,NULL,NULL,0.0,1.0,NULL,0.0,NULL,'',0.0,NULL,NULL,NULL,NULL,NULL,'',NULL,NULL,NULL);
CREATE TABLE cell (
  -- One point of a sweep's grid. Cells of several sweeps may be the same trial.
  sweep_id   INTEGER NOT NULL REFERENCES sweep,  -- whose grid
  revision   INTEGER NOT NULL,  -- that brought it
  cell       INTEGER NOT NULL,  -- raw position in that revision's grid
  trial_id   INTEGER NOT NULL REFERENCES trial,  -- what it is trained as
  dropped_in INTEGER,  -- revision that no longer has it; NULL: live
  PRIMARY KEY (sweep_id, revision, cell)
) STRICT;
INSERT INTO cell VALUES(1,1,0,1,NULL);
INSERT INTO cell VALUES(1,1,1,2,NULL);
INSERT INTO cell VALUES(1,1,2,3,NULL);
INSERT INTO cell VALUES(2,1,0,4,NULL);
INSERT INTO cell VALUES(2,1,1,5,NULL);
CREATE TABLE lease (
  -- A worker's permission to train a pack.
  lease_id    INTEGER PRIMARY KEY,  -- number of the lease, never given again
  pack_id     INTEGER NOT NULL REFERENCES pack,  -- what may be trained
  worker      TEXT NOT NULL,  -- who may train it
  instance_id TEXT NOT NULL,  -- of the worker's process
  granted_at  REAL NOT NULL,  -- beginning
  ended_at    REAL,  -- NULL: open
  outcome     TEXT  -- how it ended
              CHECK (outcome = 'finished' OR outcome = 'returned' OR outcome = 'dropped'
                     OR outcome = 'expired' OR outcome = 'crash' OR outcome = 'timeout'
                     OR outcome = 'out_of_memory' OR outcome = 'preempted'
                     OR outcome = 'incapable' OR outcome = 'lost'),
  CHECK ((ended_at IS NULL) = (outcome IS NULL))
) STRICT;
INSERT INTO lease VALUES(1,1,'north','0da49456a995bb8e',1795893952.3305809497,1795893952.4364221096,'finished');
INSERT INTO lease VALUES(2,2,'north','0da49456a995bb8e',1795893952.3305809497,1795893952.4405760764,'finished');
INSERT INTO lease VALUES(3,3,'north','0da49456a995bb8e',1795893955.6992099284,NULL,NULL);
CREATE TABLE attempt (
  -- One try at one trial, under a lease. A trial has an open attempt if and only if it is leased.
  trial_id   INTEGER NOT NULL REFERENCES trial,  -- the trial
  attempt    INTEGER NOT NULL,  -- from 1
  lease_id   INTEGER NOT NULL REFERENCES lease,  -- the lease that it ran under
  started_at REAL NOT NULL,  -- beginning
  ended_at   REAL,  -- NULL: open
  outcome    TEXT  -- how it ended
             CHECK (outcome = 'finished' OR outcome = 'returned' OR outcome = 'dropped'
                    OR outcome = 'expired' OR outcome = 'crash' OR outcome = 'timeout'
                    OR outcome = 'out_of_memory' OR outcome = 'preempted'
                    OR outcome = 'incapable' OR outcome = 'lost' OR outcome = 'invalid'
                    OR outcome = 'init_condition'),
  message    TEXT,  -- what went wrong
  PRIMARY KEY (trial_id, attempt),
  CHECK ((ended_at IS NULL) = (outcome IS NULL))
) STRICT;
INSERT INTO attempt VALUES(1,1,1,1795893952.3305809497,1795893952.432379961,'finished',NULL);
INSERT INTO attempt VALUES(2,1,1,1795893952.3305809497,1795893952.4364221096,'finished',NULL);
INSERT INTO attempt VALUES(3,1,2,1795893952.3305809497,1795893952.4405760764,'invalid','no such thing');
INSERT INTO attempt VALUES(4,1,3,1795893955.6992099284,NULL,NULL,NULL);
INSERT INTO attempt VALUES(5,1,3,1795893955.6992099284,NULL,NULL,NULL);
CREATE TABLE snapshot (
  -- A trial at one step: the state after `step` updates. NULL: not measured, or not finite.
  trial_id            INTEGER NOT NULL,  -- the trial
  step                INTEGER NOT NULL,  -- updates so far
  epoch               REAL,  -- passes over the training examples so far
  train_loss          REAL,  -- on the batch of this update, before it
  grad_norm           REAL,  -- likewise; Euclidean, over all parameters
  probe_loss          REAL,  -- on the probe set, as all that follows: the trial's own loss
  probe_cross_entropy REAL,  -- mean cross-entropy, whatever the trial's loss
  accuracy            REAL,  -- share of examples guessed right
  max_guess           REAL,  -- largest guess fraction
  guess_entropy       REAL,  -- of the guess fractions, over ln(classes)
  prob_entropy        REAL,  -- of the mean probabilities, over ln(classes)
  mean_weight         REAL,  -- mean w(p_y) of losses that have one
  kept_fraction       REAL,  -- share of examples with w > 0
  tied_fraction       REAL,  -- share of examples whose logits are all equal
  PRIMARY KEY (trial_id, step)
) STRICT, WITHOUT ROWID;
INSERT INTO snapshot VALUES(1,0,0.0,NULL,NULL,2.2999999999999998223,2.2999999999999998223,NULL,1.0,NULL,NULL,NULL,NULL,NULL);
INSERT INTO snapshot VALUES(1,10,0.10000000000000000555,NULL,NULL,0.20909090909090907728,0.20909090909090907728,NULL,1.0,NULL,NULL,NULL,NULL,NULL);
INSERT INTO snapshot VALUES(2,0,0.0,NULL,NULL,2.2999999999999998223,2.2999999999999998223,NULL,1.0,NULL,NULL,NULL,NULL,NULL);
INSERT INTO snapshot VALUES(2,10,0.10000000000000000555,NULL,NULL,0.20909090909090907728,0.20909090909090907728,NULL,1.0,NULL,NULL,NULL,NULL,NULL);
CREATE TABLE class_snapshot (
  -- One class of a trial at one step, on the probe set.
  trial_id      INTEGER NOT NULL,  -- the trial
  step          INTEGER NOT NULL,  -- updates so far
  class         INTEGER NOT NULL,  -- from 0
  guess_count   INTEGER,  -- examples guessed to be of the class
  correct_count INTEGER,  -- of them, those that are
  mean_prob     REAL,  -- mean probability of the class over all examples
  class_loss    REAL,  -- mean loss over the examples of the class; NULL without any
  drift         REAL,  -- mean derivative of the loss by the class's logit, over all examples
  PRIMARY KEY (trial_id, step, class)
) STRICT, WITHOUT ROWID;
INSERT INTO class_snapshot VALUES(1,0,0,100,10,0.10000000000000000555,0.69314718055994528622,0.0);
INSERT INTO class_snapshot VALUES(1,0,1,0,0,0.10000000000000000555,1.0986122886681097821,0.0);
INSERT INTO class_snapshot VALUES(1,0,2,0,0,0.10000000000000000555,1.3862943611198905724,0.0);
INSERT INTO class_snapshot VALUES(1,0,3,0,0,0.10000000000000000555,1.6094379124341002817,0.0);
INSERT INTO class_snapshot VALUES(1,0,4,0,0,0.10000000000000000555,1.7917594692280549573,0.0);
INSERT INTO class_snapshot VALUES(1,0,5,0,0,0.10000000000000000555,1.9459101490553132318,0.0);
INSERT INTO class_snapshot VALUES(1,0,6,0,0,0.10000000000000000555,2.0794415416798357476,0.0);
INSERT INTO class_snapshot VALUES(1,0,7,0,0,0.10000000000000000555,2.1972245773362195642,0.0);
INSERT INTO class_snapshot VALUES(1,0,8,0,0,0.10000000000000000555,2.302585092994045901,0.0);
INSERT INTO class_snapshot VALUES(1,0,9,0,0,0.10000000000000000555,2.3978952727983706694,0.0);
INSERT INTO class_snapshot VALUES(1,10,0,100,10,0.10000000000000000555,0.69314718055994528622,0.0);
INSERT INTO class_snapshot VALUES(1,10,1,0,0,0.10000000000000000555,1.0986122886681097821,0.0);
INSERT INTO class_snapshot VALUES(1,10,2,0,0,0.10000000000000000555,1.3862943611198905724,0.0);
INSERT INTO class_snapshot VALUES(1,10,3,0,0,0.10000000000000000555,1.6094379124341002817,0.0);
INSERT INTO class_snapshot VALUES(1,10,4,0,0,0.10000000000000000555,1.7917594692280549573,0.0);
INSERT INTO class_snapshot VALUES(1,10,5,0,0,0.10000000000000000555,1.9459101490553132318,0.0);
INSERT INTO class_snapshot VALUES(1,10,6,0,0,0.10000000000000000555,2.0794415416798357476,0.0);
INSERT INTO class_snapshot VALUES(1,10,7,0,0,0.10000000000000000555,2.1972245773362195642,0.0);
INSERT INTO class_snapshot VALUES(1,10,8,0,0,0.10000000000000000555,2.302585092994045901,0.0);
INSERT INTO class_snapshot VALUES(1,10,9,0,0,0.10000000000000000555,2.3978952727983706694,0.0);
INSERT INTO class_snapshot VALUES(2,0,0,0,0,0.10000000000000000555,0.69314718055994528622,0.0);
INSERT INTO class_snapshot VALUES(2,0,1,100,10,0.10000000000000000555,1.0986122886681097821,0.0);
INSERT INTO class_snapshot VALUES(2,0,2,0,0,0.10000000000000000555,1.3862943611198905724,0.0);
INSERT INTO class_snapshot VALUES(2,0,3,0,0,0.10000000000000000555,1.6094379124341002817,0.0);
INSERT INTO class_snapshot VALUES(2,0,4,0,0,0.10000000000000000555,1.7917594692280549573,0.0);
INSERT INTO class_snapshot VALUES(2,0,5,0,0,0.10000000000000000555,1.9459101490553132318,0.0);
INSERT INTO class_snapshot VALUES(2,0,6,0,0,0.10000000000000000555,2.0794415416798357476,0.0);
INSERT INTO class_snapshot VALUES(2,0,7,0,0,0.10000000000000000555,2.1972245773362195642,0.0);
INSERT INTO class_snapshot VALUES(2,0,8,0,0,0.10000000000000000555,2.302585092994045901,0.0);
INSERT INTO class_snapshot VALUES(2,0,9,0,0,0.10000000000000000555,2.3978952727983706694,0.0);
INSERT INTO class_snapshot VALUES(2,10,0,0,0,0.10000000000000000555,0.69314718055994528622,0.0);
INSERT INTO class_snapshot VALUES(2,10,1,100,10,0.10000000000000000555,1.0986122886681097821,0.0);
INSERT INTO class_snapshot VALUES(2,10,2,0,0,0.10000000000000000555,1.3862943611198905724,0.0);
INSERT INTO class_snapshot VALUES(2,10,3,0,0,0.10000000000000000555,1.6094379124341002817,0.0);
INSERT INTO class_snapshot VALUES(2,10,4,0,0,0.10000000000000000555,1.7917594692280549573,0.0);
INSERT INTO class_snapshot VALUES(2,10,5,0,0,0.10000000000000000555,1.9459101490553132318,0.0);
INSERT INTO class_snapshot VALUES(2,10,6,0,0,0.10000000000000000555,2.0794415416798357476,0.0);
INSERT INTO class_snapshot VALUES(2,10,7,0,0,0.10000000000000000555,2.1972245773362195642,0.0);
INSERT INTO class_snapshot VALUES(2,10,8,0,0,0.10000000000000000555,2.302585092994045901,0.0);
INSERT INTO class_snapshot VALUES(2,10,9,0,0,0.10000000000000000555,2.3978952727983706694,0.0);
CREATE TABLE trial_class (
  -- What is constant over a trial's snapshots, by class.
  trial_id     INTEGER NOT NULL,  -- the trial
  class        INTEGER NOT NULL,  -- from 0
  support      INTEGER,  -- probe examples of the class
  initial_rank INTEGER,  -- by guesses at step 0; 0: the favoured class
  PRIMARY KEY (trial_id, class)
) STRICT, WITHOUT ROWID;
INSERT INTO trial_class VALUES(1,0,10,0);
INSERT INTO trial_class VALUES(1,1,10,1);
INSERT INTO trial_class VALUES(1,2,10,2);
INSERT INTO trial_class VALUES(1,3,10,3);
INSERT INTO trial_class VALUES(1,4,10,4);
INSERT INTO trial_class VALUES(1,5,10,5);
INSERT INTO trial_class VALUES(1,6,10,6);
INSERT INTO trial_class VALUES(1,7,10,7);
INSERT INTO trial_class VALUES(1,8,10,8);
INSERT INTO trial_class VALUES(1,9,10,9);
INSERT INTO trial_class VALUES(2,0,10,1);
INSERT INTO trial_class VALUES(2,1,10,0);
INSERT INTO trial_class VALUES(2,2,10,2);
INSERT INTO trial_class VALUES(2,3,10,3);
INSERT INTO trial_class VALUES(2,4,10,4);
INSERT INTO trial_class VALUES(2,5,10,5);
INSERT INTO trial_class VALUES(2,6,10,6);
INSERT INTO trial_class VALUES(2,7,10,7);
INSERT INTO trial_class VALUES(2,8,10,8);
INSERT INTO trial_class VALUES(2,9,10,9);
CREATE TABLE store_state (
  -- One row of the store's own.
  only_row INTEGER PRIMARY KEY CHECK (only_row = 1),  -- always 1
  batch    INTEGER NOT NULL  -- transactions that it has committed
) STRICT;
INSERT INTO store_state VALUES(1,4);
CREATE TABLE class_logit (
  -- One class of a trial at one step: its logit over the probe set. Group logits.
  trial_id       INTEGER NOT NULL,  -- the trial
  step           INTEGER NOT NULL,  -- updates so far
  class          INTEGER NOT NULL,  -- from 0
  logit_mean     REAL,  -- mean of the class's logit over all examples
  logit_variance REAL,  -- its variance over all examples, divided by their number
  PRIMARY KEY (trial_id, step, class)
) STRICT, WITHOUT ROWID;
CREATE TABLE confusion (
  -- One entry of a trial's confusion matrix at one step, on the probe set. Entries of 0 have no
  -- row. Group confusion.
  trial_id INTEGER NOT NULL,  -- the trial
  step     INTEGER NOT NULL,  -- updates so far
  label    INTEGER NOT NULL,  -- class that the examples are of
  guess    INTEGER NOT NULL,  -- class that they are guessed to be of
  count    INTEGER NOT NULL,  -- examples
  PRIMARY KEY (trial_id, step, label, guess)
) STRICT, WITHOUT ROWID;
CREATE TABLE layer_snapshot (
  -- One layer of a trial at one step, on the probe set. Group layers.
  trial_id         INTEGER NOT NULL,  -- the trial
  step             INTEGER NOT NULL,  -- updates so far
  layer            INTEGER NOT NULL,  -- from 0 at the input; the last is the read-out
  name             TEXT NOT NULL,  -- of the layer, as its parameters are named in PyTorch
  pre_mean         REAL,  -- mean of the pre-activations, over examples and units
  pre_variance     REAL,  -- their variance, over examples and units together
  correlation      REAL,  -- mean cosine between the activations of two different examples
  drift_ratio      REAL,  -- variance over units of the pre-activation's mean over examples, divided
                          -- by the mean over units of its variance over examples
  dead_fraction    REAL,  -- share of units whose activation is 0 on every example; NULL for
                          -- activations that have no zeros and for the read-out
  grad_norm        REAL,  -- of its parameters' gradient, on the batch of this update, before it
  weight_norm      REAL,  -- Euclidean norm of its weights
  distance_to_init REAL,  -- Euclidean distance of its weights from the initial ones
  cosine_to_init   REAL,  -- cosine between its weights and the initial ones
  PRIMARY KEY (trial_id, step, layer)
) STRICT, WITHOUT ROWID;
CREATE TABLE noise_snapshot (
  -- A trial at one step on a fixed set of training examples, with the labels that it trains on.
  -- NULL: no such examples, or a loss without w(p_y). Group noise.
  trial_id           INTEGER NOT NULL,  -- the trial
  step               INTEGER NOT NULL,  -- updates so far
  clean_examples     INTEGER NOT NULL,  -- examples with their true label
  corrupted_examples INTEGER NOT NULL,  -- examples with another label
  kept_clean         REAL,  -- share of the clean examples with w > 0
  kept_corrupted     REAL,  -- share of the corrupted examples with w > 0
  weight_clean       REAL,  -- mean w(p_y) of the clean examples
  weight_corrupted   REAL,  -- mean w(p_y) of the corrupted examples
  accuracy_given     REAL,  -- share of the corrupted examples guessed as they are labelled
  accuracy_true      REAL,  -- share of the corrupted examples guessed as they should be labelled
  PRIMARY KEY (trial_id, step)
) STRICT, WITHOUT ROWID;
CREATE TABLE sharpness_snapshot (
  -- A trial at one step: the curvature of its loss on a fixed part of the probe set, by power
  -- iteration. Group sharpness.
  trial_id   INTEGER NOT NULL,  -- the trial
  step       INTEGER NOT NULL,  -- updates so far
  sharpness  REAL,  -- eigenvalue of the Hessian with the largest magnitude
  residual   REAL,  -- ||Hv - sharpness v|| / |sharpness| at the last iteration; NULL where it is 0
  iterations INTEGER NOT NULL,  -- products with the Hessian
  PRIMARY KEY (trial_id, step)
) STRICT, WITHOUT ROWID;
CREATE INDEX cell_of_trial ON cell (trial_id, sweep_id, dropped_in);
CREATE INDEX pack_of_plan ON pack (sweep_id, revision, plan_index);
CREATE INDEX trial_open ON trial (pack_id, slot) WHERE status IN ('pending', 'leased');
CREATE INDEX trial_failed ON trial (failure_class) WHERE status = 'failed';
CREATE INDEX lease_open ON lease (lease_id) WHERE ended_at IS NULL;
CREATE INDEX lease_lost ON lease (pack_id) WHERE outcome IN ('lost', 'expired');
CREATE INDEX attempt_open ON attempt (lease_id, trial_id) WHERE ended_at IS NULL;
CREATE VIEW progress AS
  -- One row per sweep: cells = done + failed + cancelled + leased + pending.
  SELECT sweep_id, name AS sweep, revision, state, cells, done, failed, cancelled, leased,
         cells - done - failed - cancelled - leased AS pending,  -- INTEGER: cells yet to be leased
         diverged
  FROM sweep
;
CREATE VIEW trajectory AS
  -- One row per sweep, trial, step and class. The favoured class differs by seed: average by
  -- initial_rank, not by class.
  SELECT sweep.name AS sweep,  -- name of a sweep that has the trial
         trial.trial_id, trial.key,
         trial.dataset, trial.model, trial.width, trial.depth, trial.activation, trial.init,
         trial.init_scale, trial.bias_scale, trial.loss, trial.loss_params, trial.loss_delay_steps,
         trial.optimizer, trial.learning_rate, trial.momentum, trial.weight_decay,
         trial.batch_size, trial.steps, trial.label_noise, trial.noise_kind, trial.class_imbalance,
         trial.seed, trial.data_seed, trial.probe_size, trial.points, trial.spacing,
         class_snapshot.step, snapshot.epoch, class_snapshot.class,
         trial_class.initial_rank,
         CAST(class_snapshot.guess_count AS REAL) / trial.probe_size
          AS guess_fraction,  -- REAL: share of the probe set guessed to be of the class
         class_snapshot.mean_prob,
         CAST(class_snapshot.correct_count AS REAL) / nullif(trial_class.support, 0)
          AS recall,  -- REAL: share of the class's examples guessed right; NULL without any
         class_snapshot.class_loss, class_snapshot.drift,
         trial.norm, trial.norm_position, trial.norm_statistics, trial.pool, trial.stem,
         trial.readout_scale, trial.init_max_guess_min, trial.init_max_guess_max, trial.init_tries,
         trial.logit_bias, trial.schedule, trial.warmup_steps, trial.schedule_every,
         trial.schedule_factor, trial.max_grad_norm, trial.noise_matrix, trial.class_subset,
         trial.input_shift, trial.data_classes, trial.data_dimension, trial.data_separation,
         trial.data_train_per_class, trial.data_test_per_class, trial.groups,
         trial.confusion_steps, trial.sharpness_iterations
  FROM sweep
  JOIN cell ON cell.sweep_id = sweep.sweep_id AND cell.dropped_in IS NULL
   -- Several cells of a sweep may be one trial.
   AND cell.rowid = (SELECT min(twin.rowid) FROM cell AS twin
                     WHERE twin.trial_id = cell.trial_id AND twin.sweep_id = cell.sweep_id
                       AND twin.dropped_in IS NULL)
  JOIN trial ON trial.trial_id = cell.trial_id
  -- CROSS: never begins with the largest table.
  CROSS JOIN class_snapshot
  JOIN snapshot ON snapshot.trial_id = class_snapshot.trial_id
   AND snapshot.step = class_snapshot.step
  JOIN trial_class ON trial_class.trial_id = class_snapshot.trial_id
   AND trial_class.class = class_snapshot.class
  WHERE class_snapshot.trial_id = trial.trial_id
;
CREATE VIEW initial_bias AS
  -- One row per trial that was measured: its first guess, before any update.
  SELECT trial.trial_id, trial.key,
         trial.dataset, trial.model, trial.width, trial.depth, trial.activation, trial.init,
         trial.init_scale, trial.bias_scale, trial.loss, trial.loss_params, trial.loss_delay_steps,
         trial.optimizer, trial.learning_rate, trial.momentum, trial.weight_decay,
         trial.batch_size, trial.steps, trial.label_noise, trial.noise_kind, trial.class_imbalance,
         trial.seed, trial.data_seed, trial.probe_size, trial.points, trial.spacing,
         snapshot.max_guess,
         trial_class.class AS favoured_class,  -- the class of initial_rank 0
         snapshot.guess_entropy, snapshot.prob_entropy,
         class_snapshot.mean_prob
          AS favoured_mean_prob,  -- its mean probability over all examples
         trial.norm, trial.norm_position, trial.norm_statistics, trial.pool, trial.stem,
         trial.readout_scale, trial.init_max_guess_min, trial.init_max_guess_max, trial.init_tries,
         trial.logit_bias, trial.schedule, trial.warmup_steps, trial.schedule_every,
         trial.schedule_factor, trial.max_grad_norm, trial.noise_matrix, trial.class_subset,
         trial.input_shift, trial.data_classes, trial.data_dimension, trial.data_separation,
         trial.data_train_per_class, trial.data_test_per_class, trial.groups,
         trial.confusion_steps, trial.sharpness_iterations
  FROM trial
  CROSS JOIN snapshot
  JOIN trial_class ON trial_class.trial_id = trial.trial_id AND trial_class.initial_rank = 0
  CROSS JOIN class_snapshot
  WHERE snapshot.trial_id = trial.trial_id AND snapshot.step = 0
   AND class_snapshot.trial_id = trial.trial_id AND class_snapshot.step = 0
   AND class_snapshot.class = trial_class.class
;
CREATE VIEW trial_summary AS
  -- One row per done trial: its trajectory in a few numbers, found through the trial's own rows
  -- only. NULL: it never happened, or was not measured.
  SELECT trial.trial_id, trial.key,
         trial.dataset, trial.model, trial.width, trial.depth, trial.activation, trial.init,
         trial.init_scale, trial.bias_scale, trial.loss, trial.loss_params, trial.loss_delay_steps,
         trial.optimizer, trial.learning_rate, trial.momentum, trial.weight_decay,
         trial.batch_size, trial.steps, trial.label_noise, trial.noise_kind, trial.class_imbalance,
         trial.seed, trial.data_seed, trial.probe_size, trial.points, trial.spacing,
         trial.norm, trial.norm_position, trial.norm_statistics, trial.pool, trial.stem,
         trial.readout_scale, trial.init_max_guess_min, trial.init_max_guess_max, trial.init_tries,
         trial.logit_bias, trial.schedule, trial.warmup_steps, trial.schedule_every,
         trial.schedule_factor, trial.max_grad_norm, trial.noise_matrix, trial.class_subset,
         trial.input_shift, trial.data_classes, trial.data_dimension, trial.data_separation,
         trial.data_train_per_class, trial.data_test_per_class, trial.groups,
         trial.confusion_steps, trial.sharpness_iterations,
         (SELECT min(snapshot.step) FROM snapshot
          WHERE snapshot.trial_id = trial.trial_id AND snapshot.max_guess < 0.2
         ) AS first_step_unbiased,  -- INTEGER: first step with max_guess < 0.2
         (SELECT class_snapshot.step
          FROM (SELECT count(trial_class.class) AS classes FROM trial_class
                WHERE trial_class.trial_id = trial.trial_id)
          CROSS JOIN class_snapshot
          CROSS JOIN trial_class
          WHERE class_snapshot.trial_id = trial.trial_id
           AND trial_class.trial_id = class_snapshot.trial_id
           AND trial_class.class = class_snapshot.class AND trial_class.support > 0
          GROUP BY class_snapshot.step
          -- Recall above chance, in integers.
          HAVING min(coalesce(class_snapshot.correct_count, 0) * classes > trial_class.support)
          ORDER BY class_snapshot.step LIMIT 1
         ) AS first_step_all_recovered,  -- INTEGER: first step at which every class with support >
                                         -- 0 has recall > 1 / classes
         (SELECT CASE WHEN count(favoured) > 0
                 THEN count(CASE WHEN favoured <> favoured_before THEN 1 END) END
          FROM (SELECT most_guessed.class AS favoured,
                       lag(most_guessed.class) OVER (ORDER BY snapshot.step) AS favoured_before
                FROM snapshot
                CROSS JOIN class_snapshot AS most_guessed
                WHERE snapshot.trial_id = trial.trial_id
                 AND most_guessed.trial_id = snapshot.trial_id AND most_guessed.step = snapshot.step
                 AND most_guessed.class = (SELECT class_snapshot.class FROM class_snapshot
                                           WHERE class_snapshot.trial_id = snapshot.trial_id
                                            AND class_snapshot.step = snapshot.step
                                            AND class_snapshot.guess_count IS NOT NULL
                                           ORDER BY class_snapshot.guess_count DESC,
                                                    class_snapshot.class LIMIT 1))
         ) AS favoured_flips,  -- INTEGER: how often the most guessed class (of equals the lowest)
                               -- changed from one snapshot to the next
         (SELECT sum((max_guess + max_guess_before) / 2 * (step - step_before)) / max(step)
          FROM (SELECT snapshot.step, lag(snapshot.step) OVER by_step AS step_before,
                       snapshot.max_guess, lag(snapshot.max_guess) OVER by_step AS max_guess_before
                FROM snapshot
                WHERE snapshot.trial_id = trial.trial_id AND snapshot.max_guess IS NOT NULL
                WINDOW by_step AS (ORDER BY snapshot.step))
         ) AS max_guess_area  -- REAL: area under max_guess over steps by the trapezoidal rule,
                              -- divided by the last step: the mean of max_guess
  FROM trial
  WHERE trial.status = 'done'
;
CREATE VIEW class_quality AS
  -- One row per trial, step and class: how well the class is guessed, on the probe set.
  SELECT trial.trial_id, trial.key,
         trial.dataset, trial.model, trial.width, trial.depth, trial.activation, trial.init,
         trial.init_scale, trial.bias_scale, trial.loss, trial.loss_params, trial.loss_delay_steps,
         trial.optimizer, trial.learning_rate, trial.momentum, trial.weight_decay,
         trial.batch_size, trial.steps, trial.label_noise, trial.noise_kind, trial.class_imbalance,
         trial.seed, trial.data_seed, trial.probe_size, trial.points, trial.spacing,
         trial.norm, trial.norm_position, trial.norm_statistics, trial.pool, trial.stem,
         trial.readout_scale, trial.init_max_guess_min, trial.init_max_guess_max, trial.init_tries,
         trial.logit_bias, trial.schedule, trial.warmup_steps, trial.schedule_every,
         trial.schedule_factor, trial.max_grad_norm, trial.noise_matrix, trial.class_subset,
         trial.input_shift, trial.data_classes, trial.data_dimension, trial.data_separation,
         trial.data_train_per_class, trial.data_test_per_class, trial.groups,
         trial.confusion_steps, trial.sharpness_iterations,
         class_snapshot.step, class_snapshot.class, trial_class.initial_rank,
         CAST(class_snapshot.correct_count AS REAL) / nullif(class_snapshot.guess_count, 0)
          AS precision,  -- REAL: share of those guessed to be of the class that are; NULL without
                         -- any
         CAST(class_snapshot.correct_count AS REAL) / nullif(trial_class.support, 0)
          AS recall,  -- REAL: share of the class's examples guessed right; NULL without any
         2.0 * class_snapshot.correct_count
          / nullif(class_snapshot.guess_count + trial_class.support, 0)
          AS f1  -- REAL: harmonic mean of precision and recall, 2 correct / (guessed + support);
                 -- NULL where both are 0
  FROM trial
  CROSS JOIN class_snapshot
  JOIN trial_class ON trial_class.trial_id = class_snapshot.trial_id
   AND trial_class.class = class_snapshot.class
  WHERE class_snapshot.trial_id = trial.trial_id
;
CREATE VIEW trial_logits AS
  -- One row per trial, step and class, of trials with group logits.
  SELECT trial.trial_id, trial.key,
         trial.dataset, trial.model, trial.width, trial.depth, trial.activation, trial.init,
         trial.init_scale, trial.bias_scale, trial.loss, trial.loss_params, trial.loss_delay_steps,
         trial.optimizer, trial.learning_rate, trial.momentum, trial.weight_decay,
         trial.batch_size, trial.steps, trial.label_noise, trial.noise_kind, trial.class_imbalance,
         trial.seed, trial.data_seed, trial.probe_size, trial.points, trial.spacing,
         trial.norm, trial.norm_position, trial.norm_statistics, trial.pool, trial.stem,
         trial.readout_scale, trial.init_max_guess_min, trial.init_max_guess_max, trial.init_tries,
         trial.logit_bias, trial.schedule, trial.warmup_steps, trial.schedule_every,
         trial.schedule_factor, trial.max_grad_norm, trial.noise_matrix, trial.class_subset,
         trial.input_shift, trial.data_classes, trial.data_dimension, trial.data_separation,
         trial.data_train_per_class, trial.data_test_per_class, trial.groups,
         trial.confusion_steps, trial.sharpness_iterations,
         class_logit.step, class_logit.class, class_logit.logit_mean, class_logit.logit_variance
  FROM trial
  CROSS JOIN class_logit
  WHERE class_logit.trial_id = trial.trial_id
;
CREATE VIEW trial_confusion AS
  -- One row per trial, step, label and guess, of trials with group confusion. Entries of 0 have
  -- none.
  SELECT trial.trial_id, trial.key,
         trial.dataset, trial.model, trial.width, trial.depth, trial.activation, trial.init,
         trial.init_scale, trial.bias_scale, trial.loss, trial.loss_params, trial.loss_delay_steps,
         trial.optimizer, trial.learning_rate, trial.momentum, trial.weight_decay,
         trial.batch_size, trial.steps, trial.label_noise, trial.noise_kind, trial.class_imbalance,
         trial.seed, trial.data_seed, trial.probe_size, trial.points, trial.spacing,
         trial.norm, trial.norm_position, trial.norm_statistics, trial.pool, trial.stem,
         trial.readout_scale, trial.init_max_guess_min, trial.init_max_guess_max, trial.init_tries,
         trial.logit_bias, trial.schedule, trial.warmup_steps, trial.schedule_every,
         trial.schedule_factor, trial.max_grad_norm, trial.noise_matrix, trial.class_subset,
         trial.input_shift, trial.data_classes, trial.data_dimension, trial.data_separation,
         trial.data_train_per_class, trial.data_test_per_class, trial.groups,
         trial.confusion_steps, trial.sharpness_iterations,
         confusion.step, confusion.label, confusion.guess, confusion.count
  FROM trial
  CROSS JOIN confusion
  WHERE confusion.trial_id = trial.trial_id
;
CREATE VIEW trial_layers AS
  -- One row per trial, step and layer, of trials with group layers.
  SELECT trial.trial_id, trial.key,
         trial.dataset, trial.model, trial.width, trial.depth, trial.activation, trial.init,
         trial.init_scale, trial.bias_scale, trial.loss, trial.loss_params, trial.loss_delay_steps,
         trial.optimizer, trial.learning_rate, trial.momentum, trial.weight_decay,
         trial.batch_size, trial.steps, trial.label_noise, trial.noise_kind, trial.class_imbalance,
         trial.seed, trial.data_seed, trial.probe_size, trial.points, trial.spacing,
         trial.norm, trial.norm_position, trial.norm_statistics, trial.pool, trial.stem,
         trial.readout_scale, trial.init_max_guess_min, trial.init_max_guess_max, trial.init_tries,
         trial.logit_bias, trial.schedule, trial.warmup_steps, trial.schedule_every,
         trial.schedule_factor, trial.max_grad_norm, trial.noise_matrix, trial.class_subset,
         trial.input_shift, trial.data_classes, trial.data_dimension, trial.data_separation,
         trial.data_train_per_class, trial.data_test_per_class, trial.groups,
         trial.confusion_steps, trial.sharpness_iterations,
         layer_snapshot.step, layer_snapshot.layer, layer_snapshot.name, layer_snapshot.pre_mean,
         layer_snapshot.pre_variance, layer_snapshot.correlation, layer_snapshot.drift_ratio,
         layer_snapshot.dead_fraction, layer_snapshot.grad_norm, layer_snapshot.weight_norm,
         layer_snapshot.distance_to_init, layer_snapshot.cosine_to_init
  FROM trial
  CROSS JOIN layer_snapshot
  WHERE layer_snapshot.trial_id = trial.trial_id
;
CREATE VIEW trial_noise AS
  -- One row per trial and step, of trials with group noise.
  SELECT trial.trial_id, trial.key,
         trial.dataset, trial.model, trial.width, trial.depth, trial.activation, trial.init,
         trial.init_scale, trial.bias_scale, trial.loss, trial.loss_params, trial.loss_delay_steps,
         trial.optimizer, trial.learning_rate, trial.momentum, trial.weight_decay,
         trial.batch_size, trial.steps, trial.label_noise, trial.noise_kind, trial.class_imbalance,
         trial.seed, trial.data_seed, trial.probe_size, trial.points, trial.spacing,
         trial.norm, trial.norm_position, trial.norm_statistics, trial.pool, trial.stem,
         trial.readout_scale, trial.init_max_guess_min, trial.init_max_guess_max, trial.init_tries,
         trial.logit_bias, trial.schedule, trial.warmup_steps, trial.schedule_every,
         trial.schedule_factor, trial.max_grad_norm, trial.noise_matrix, trial.class_subset,
         trial.input_shift, trial.data_classes, trial.data_dimension, trial.data_separation,
         trial.data_train_per_class, trial.data_test_per_class, trial.groups,
         trial.confusion_steps, trial.sharpness_iterations,
         noise_snapshot.step, noise_snapshot.clean_examples, noise_snapshot.corrupted_examples,
         noise_snapshot.kept_clean, noise_snapshot.kept_corrupted, noise_snapshot.weight_clean,
         noise_snapshot.weight_corrupted, noise_snapshot.accuracy_given,
         noise_snapshot.accuracy_true
  FROM trial
  CROSS JOIN noise_snapshot
  WHERE noise_snapshot.trial_id = trial.trial_id
;
CREATE VIEW trial_sharpness AS
  -- One row per trial and step, of trials with group sharpness.
  SELECT trial.trial_id, trial.key,
         trial.dataset, trial.model, trial.width, trial.depth, trial.activation, trial.init,
         trial.init_scale, trial.bias_scale, trial.loss, trial.loss_params, trial.loss_delay_steps,
         trial.optimizer, trial.learning_rate, trial.momentum, trial.weight_decay,
         trial.batch_size, trial.steps, trial.label_noise, trial.noise_kind, trial.class_imbalance,
         trial.seed, trial.data_seed, trial.probe_size, trial.points, trial.spacing,
         trial.norm, trial.norm_position, trial.norm_statistics, trial.pool, trial.stem,
         trial.readout_scale, trial.init_max_guess_min, trial.init_max_guess_max, trial.init_tries,
         trial.logit_bias, trial.schedule, trial.warmup_steps, trial.schedule_every,
         trial.schedule_factor, trial.max_grad_norm, trial.noise_matrix, trial.class_subset,
         trial.input_shift, trial.data_classes, trial.data_dimension, trial.data_separation,
         trial.data_train_per_class, trial.data_test_per_class, trial.groups,
         trial.confusion_steps, trial.sharpness_iterations,
         sharpness_snapshot.step, sharpness_snapshot.sharpness, sharpness_snapshot.residual,
         sharpness_snapshot.iterations
  FROM trial
  CROSS JOIN sharpness_snapshot
  WHERE sharpness_snapshot.trial_id = trial.trial_id
;
COMMIT;
