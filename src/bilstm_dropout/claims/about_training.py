"""Claims on what dropout does to a network: settled, as far as they are, by runs and measured mechanisms."""

from __future__ import annotations

from . import evidence as measures
from . import evidence_rows as rows
from . import evidence_study as study
from .about_masks import S0, S1, S2, S3, S4
from .claim import Claim

CLAIMS: tuple[Claim, ...] = (
    Claim(
        1, S0, "A BiLSTM captures long-range dependencies better than an LSTM.", "depends",
        "It depends on where the signal lies: with it first in 120 steps most of {seeds} LSTMs failed to recall "
        "it and the BiLSTMs, whose other direction reads it last, did not.",
        "Ask where in your sequences the signal lies before you double the network.",
        measure=measures.position_of_the_signal,
        more="Tested on new seeds, after six had pointed there. Up to 60 steps, and with the signal in the "
             "middle or last, both recall alike. With a signal at both ends, where no direction is near both, "
             "neither learns from 60 steps on. One task, no dropout.",
        worth="accuracy {bilstm} in place of {lstm} in that case, and nothing in the others",
    ),
    Claim(
        2, S0, "BiLSTMs overfit with high-dimensional input and few samples.", "depends",
        "With {rows} rows and {noisy} features of noise beside one that knows all, training past the chosen "
        "checkpoint costs test loss, and more than with many rows.",
        "Leave out features that say nothing, and stop early.",
        measure=rows.noise_features,
        more="With {most} features of noise there is hardly anything left to lose: the loss, {guessing}, is near "
             "that of guessing. One draw of the data; LSTMs of one direction were not trained beside them.",
        worth="not stopping costs {few} there",
    ),
    Claim(
        4, S0, "Recurrent dropout so prevents spurious correlations between neighbouring steps.", "depends",
        "A network still learns a relation of neighbouring steps that holds in training alone, but recurrent "
        "dropout reduces the harm, more so at higher rates, and input dropout reduces it more.",
        "Break such a correlation in the data if you know it; else try input dropout first.",
        "3.8 and later", {"lstm.recurrent_dropout.steps_share": True},
        measure=rows.spurious_neighbours,
        more="Stock Keras' mask, the same at neighbouring steps, does so too. What helps is nothing that belongs "
             "to the recurrent site. The differences to none hold on ten other draws of the data.",
        worth="on ten draws of the data at p = .5: `input` less `none` {input}; `recurrent` less `none` {recurrent}",
    ),
    Claim(
        5, S0, "Poorly tuned recurrent dropout leads to vanishing or exploding gradients.", "depends",
        "It depends on the form: masks on h that stay for the sequence make the gradient of an untrained network "
        "vanish less (its median stays below one), while scaled masks on a memory that is kept make its second moment "
        "grow as (1 / (1 − p))^T.",
        "On the cell, use one unscaled mask a sequence (`cell`); which masks spare memory is line 26.",
        measure=measures.gradients_by_form,
        more="The higher the rate, the less it vanishes, with a growing upper tail. 0/1 masks on the memory do "
             "not make it grow.",
        worth="a median gradient of {half} in place of {none} at p = .5 over 50 steps",
    ),
    Claim(
        6, S0, "Input and output dropout add robustness and generalisation.", "depends",
        "Input dropout does in part: tuned, the test loss is lower on average over three text sets, and missing "
        "features of JapaneseVowels raise the loss by less; for output dropout both are unclear (tuned {output}).",
        "Test your model on inputs with the faults that you expect; `variational`, one mask a sequence, bore missing "
        "features best of the {tried} placements tried here.",
        measure=study.spoilt_inputs,
        more="By how much missing steps, a cut end and noise raise the loss of JapaneseVowels is unclear with input "
             "dropout; the loss itself is lower with it on average at every level. With output dropout missing steps "
             "raise the loss by a little less ({steps}, lower) and noise by a little more ({noise}, higher). On TREC, "
             "four folds and five seeds, all {questions} comparisons are unclear. The intervals on faults are single "
             "ones, not corrected for their number, at one rate.",
        worth="tuned input dropout on three text sets: {loss} and {points}",
    ),
    Claim(
        8, S0, "Start with low rates and raise them; unbalanced rates hurt stability.", "not settled",
        "Small networks trained for a short, fixed time had a lower loss with a rate that rises ({ramp}); larger "
        "ones trained for longer show nothing clear ({larger}).",
        "Take a constant rate, and stop early first.",
        measure=study.schedules,
        more="On JapaneseVowels, 32 units and 20 epochs against 64 and 40; both can come from training for a "
             "fixed time. On TREC the best checkpoint came before a rising rate had risen, at {acted} of the "
             "constant one, so that it hardly acted. Unbalanced rates were not tested.",
        worth="no schedule is estimated to move the loss of JapaneseVowels by more than {most} nats",
    ),
    Claim(
        9, S0, "Without input or recurrent dropout, correlated features or little data overfit.", "not settled",
        "With few rows of JapaneseVowels either place has a lower test loss; with few rows of MR networks learn "
        "nothing to compare; and of features that say the same input dropout makes the loss higher.",
        "Compare with `none` on your own data, and stop early first.",
        measure=rows.features_alike,
        more="The features are planted, in one draw of the data: with noise that is alike recurrent dropout has "
             "a lower loss at the last epoch, which was looked at afterwards, and a slightly higher one stopped "
             "early; with noise apart, lower ones in both. What is said of few rows has its evidence at claim 19.",
        worth="45 rows of JapaneseVowels, `input` less `none`: {few}; features alike: {alike}",
    ),
    Claim(
        19, S1, "Dropout helps more with little data.", "depends",
        "It depends on when training stops: at the last epoch, with few rows, variational dropout lowers the loss of "
        "text more (a doubling of the rows moves its difference to none by {late_mr} on MR and by {late_imdb} on "
        "IMDB), and on JapaneseVowels every place's difference to none is lower; where validation stops training, no "
        "trend in loss is seen on text as rows are doubled.",
        "Compare with `none` at your own size of data, and give both as many updates.",
        measure=rows.little_data,
        more="JapaneseVowels: networks of 32 units, equal updates, one rate; output dropout has no lower loss "
             "there with few rows either, and in larger networks that train for longer input and recurrent "
             "dropout have a lower one with all rows, too. MR: up to {most} rows networks stand close to chance "
             "(accuracy {chance} of two classes), so a line through those sizes says nothing; from {last} rows "
             "to all of them, with twice the updates, the difference of input dropout rises again ({beyond}). What is "
             "said of text above was found on MR with about equal updates, and on IMDB, where 4,000 rows had about "
             "half the updates of all; of input dropout it is clear on IMDB alone. Few rows, long texts has more.",
        worth="{fewest} rows of JapaneseVowels, `input` less `none`: {few}",
    ),
    Claim(
        23, S2, "A rate from 0.5 down to 0 over 8 epochs.", "not settled",
        "In small networks trained for a short time a rate that falls to 0 gave a higher loss than a constant "
        "one ({decay}); in larger ones single intervals point both ways, higher on the input ({input}) and lower "
        "on the output ({output}).",
        "Take a constant rate first.",
        cites=(("cheng2017", "related work, which quotes it from others"),),
        measure=study.schedules,
        more="Of the {intervals} intervals in larger networks {left} stay after a correction for their number, so "
             "neither sign is settled. Where validation stops, on TREC, no place shows a difference under a falling "
             "rate. As a recipe it can be followed.",
        worth="no schedule is estimated to move the loss of JapaneseVowels by more than {most} nats",
        same=8,
    ),
    Claim(
        26, S3, "Noise at each step accumulates and loses long memory; that the model can overfit disproves it.",
        "depends",
        "It depends on what is masked: on the memory cell or the forget gate, masks drawn at each step leave a "
        "memory with probability (1 − p)^T; with such masks on h LSTMs recalled over 60 steps as without any.",
        "Where memory matters, mask the candidate, or h at each step, and not the forget gate or the cell at "
        "each step.",
        shapes={"recurrent-stepwise": "recurrent:direction,sample,step,feature"},
        measure=measures.what_survives,
        more="Seen on one task with six seeds at two rates; in another, the order of two symbols, cell-stepwise forgot "
             "nothing over 60 steps (what papers say has it). With masks on h that stay for the sequence accuracy "
             "was {kept} after 20 epochs, which can be slower learning as well as lost memory; over 180 steps "
             "nothing learned, without dropout neither. That a model can overfit speaks to neither half.",
        worth="recall over 60 steps: accuracy {stepwise} with masks on h at each step, {none} without, {lost} at "
              "most with masks on gates or cell at each step; {once} with one mask on the cell a sequence",
    ),
    Claim(
        29, S4, "An extra `Dropout(0.25)` before `LSTM(dropout=0.5)` still matters.", "true",
        "The two keeps multiply, .75 × .5 = .375, but they are two masks of different sharing and not one.",
        "Count both, or take one of them away.",
        "every Keras 3",
        {"dropout.steps_share": False, "lstm.dropout.steps_share": True},
        measure=measures.one_place_or_two,
        worth="on JapaneseVowels two masks less one `Dropout` of the same keep: {loss}; less one `dropout=` of the "
              "same keep: {alone}",
    ),
    Claim(
        32, S1, "Dropout usually goes on fully connected layers only, as they have the most parameters.",
        "false",
        "The reason is wrong for such a classifier: the BiLSTM has {recurrent} parameters, the fully connected "
        "layer {dense} at most.",
        "Try dropout on the input first, and tune it.",
        measure=study.sites_at_their_best,
        more="Which place is best is another question. Tuned, input dropout has a lower loss than dropout before "
             "the fully connected layer on average over three text sets, which TREC carries; it is the lowest of "
             "{tried} tuned places, and the lowest of several is a little flattered. Recurrent dropout less none is "
             "less sure, since crossed seeds and folds do not carry it through a correction for many tests. At one "
             "fixed setting it is unclear whether the two differ ({fixed}).",
        worth="tuned, input less output on three text sets: {loss} and {points}",
    ),
    Claim(
        33, S0, "The best configuration depends on the data and architecture and needs tuning.", "depends",
        "On data it depends: tuned recurrent dropout has a lower loss than none on TREC ({lower}) and a slightly "
        "higher one on MR ({higher}), though a test of one difference for all sets has p = {differ}, not corrected for "
        "seven places; that a second layer matters is not shown, and tuning paid on one of three sets.",
        "Tune the learning rate first, then learning rate and drop rate together on your own data, with more "
        "than one seed before you call one best.",
        measure=study.data_depth_and_tuning,
        more="Two layers: ten pairs each on two sets, nothing else of the architecture was varied. Tuning, "
             "against a learning rate of .001 and a drop rate of .25: clear on TREC on average over placements, "
             "unclear for none alone and on the other sets. Whether a setting can be moved from set to set is "
             "open: in {same} of {pairs} pairs both sets have one best setting, and the others are unclear.",
        worth="tuning both on TREC, what the fixed setting costs: {trec}; elsewhere unclear",
    ),
)  # fmt: skip
