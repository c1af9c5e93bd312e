"""Claims on what dropout does to a network: settled, as far as they are, by runs and measured mechanisms."""

from __future__ import annotations

from . import evidence as measures
from . import evidence_study as study
from .about_masks import S0, S1, S2, S3, S4
from .claim import Claim

CLAIMS: tuple[Claim, ...] = (
    Claim(
        1, S0, "A BiLSTM captures long-range dependencies better than an LSTM.", "depends",
        "On where the signal lies. With the signal first in 120 steps, most LSTMs failed to recall it and no BiLSTM, "
        "whose other direction reads it last, did: tested on twelve pairs, after six had pointed there. Up to 60 "
        "steps, and with the signal in the middle or last, nothing tells them apart. With a signal at both ends, where "
        "no direction is near both, neither learns from 60 steps on. One task, no dropout.",
        "Ask where in your sequences the signal lies before you double the network.",
        measure=measures.position_of_the_signal,
    ),
    Claim(
        2, S0, "BiLSTMs overfit with high-dimensional input and few samples.", "depends",
        "On planted features, few rows: with up to 63 features of noise beside one that knows all, training past the "
        "chosen checkpoint costs test loss, and more than with many rows. With 255 there is hardly anything left to "
        "lose: the loss is near that of guessing at the best checkpoint, too. One draw of the data; LSTMs of one "
        "direction were not trained beside them.",
        "Leave out features that say nothing, and stop early.",
        measure=study.noise_features,
    ),
    Claim(
        4, S0, "Recurrent dropout so prevents spurious correlations between neighbouring steps.", "depends",
        "On how much is asked of it. Where neighbouring steps were made to go with the class in training rows alone, "
        "recurrent dropout does not prevent that a network learns it, but it then does less harm, the less the higher "
        "the rate; stock Keras' mask, the same at neighbouring steps, does so too. Input dropout does more, so it is "
        "nothing that belongs to the recurrent site. One draw of the data.",
        "Break such a correlation in the data if you know it; else try input dropout first.",
        "3.8 and later", {"lstm.recurrent_dropout.steps_share": True},
        measure=study.spurious_neighbours,
    ),
    Claim(
        5, S0, "Poorly tuned recurrent dropout leads to vanishing or exploding gradients.", "depends",
        "On the form. Scaled masks on h make the gradient of an untrained network vanish less, the more the higher the "
        "rate, with a growing upper tail but no explosion. Scaled masks on a cell that is kept make its second moment "
        "grow as (1 / (1 − p))^T; 0/1 masks do not.",
        "Mask h; on the cell, use one unscaled mask a sequence (`cell`).",
        measure=measures.gradients_by_form,
    ),
    Claim(
        6, S0, "Input and output dropout add robustness and generalisation.", "depends",
        "Input dropout does, in part: tuned, it lowers the test loss on average over three text sets, and on "
        "JapaneseVowels missing features then raise the loss by less, in nats. By how much missing steps and noise "
        "raise it is not told apart, and the loss itself is lower with input dropout at every level. Output dropout is "
        "not told apart from none in distribution, and under faults it changes little, in either direction. One rate, "
        "and one data set with seeds enough, for the faults.",
        "Test your model on inputs with the faults that you expect; `variational`, one mask a sequence, bore missing "
        "features best here.",
        measure=study.spoilt_inputs,
    ),
    Claim(
        8, S0, "Start with low rates and raise them; unbalanced rates hurt stability.", "depends",
        "On JapaneseVowels, in networks of 32 units over 20 epochs, a rate that rises gave a lower loss than a "
        "constant one of equal mean, by less than a hundredth of a nat; both can come from training a network for a "
        "fixed time. In networks of 64 units over 40 epochs a rise is not told apart from a constant rate on any site. "
        "On TREC the best checkpoint came before a rising rate had risen, so that it hardly acted. Unbalanced rates "
        "were not tested.",
        "Do not expect much from a schedule, and stop early first.",
        measure=study.schedules,
    ),
    Claim(
        9, S0, "Without input or recurrent dropout, correlated features or little data overfit.", "depends",
        "With few rows of JapaneseVowels either of the two lowers the test loss, a little; with all rows it hardly "
        "does or it costs in networks of 32 units over 20 epochs, and it does with 64 units over 40. With 500 rows of "
        "MR either raises it where validation stops. With few rows of planted features whose noise is alike, input "
        "dropout raises the loss; recurrent dropout lowers it at the end of training, which was looked at afterwards, "
        "and raises it by a little where validation stops. With noise apart, recurrent dropout lowers both. One draw "
        "of the planted data.",
        "Compare with `none` on your own data, and stop early first.",
        measure=study.features_alike,
    ),
    Claim(
        19, S1, "Dropout helps more with little data.", "depends",
        "On the data. On JapaneseVowels, in networks of 32 units at equal updates and one rate, every site's "
        "difference from `none` is lower with few rows than with all; input and recurrent dropout then help, and "
        "output dropout still does not. In larger networks that are trained for longer (part a3) both help with all "
        "rows, too. On MR it is the other way round: the more rows, the lower every placement's difference. With 500, "
        "which teach a network little, every placement raises the test loss; with 4,000 input and variational dropout "
        "lower it. On IMDB's longer texts no trend with the rows is told apart. One rate.",
        "Compare with `none` at your own size of data, and give both as many updates.",
        measure=study.little_data,
    ),
    Claim(
        23, S2, "A rate from 0.5 down to 0 over 8 epochs.", "depends",
        "As a recipe it can be followed; on JapaneseVowels, in networks of 32 units over 20 epochs, a rate that falls "
        "to 0 gave a higher loss than a constant one of equal mean, by less than a hundredth of a nat. In networks of "
        "64 units over 40 epochs it goes by the site, by about a hundredth at most: higher on the input and on all "
        "three, lower on the output, not told apart on the recurrent one. Nor is it on TREC, on any site, where "
        "validation stops.",
        "Take a constant rate first.",
        cites=(("cheng2017", "related work, which quotes it from others"),),
        measure=study.schedules,
    ),
    Claim(
        26, S3, "Noise at each step accumulates and loses long memory; that the model can overfit disproves it.",
        "depends",
        "On what is masked, and where it is h, the other way round. Masks drawn anew at each step on the cell or the "
        "forget gate leave a unit's memory in place only with probability (1 − p)^T; masks on h leave the cell alone, "
        "and only what the gates read is noisy. LSTMs with a new mask on h at each step learned within 20 epochs to "
        "recall over 60 steps, as those without did; with masks on h that stay for the sequence most did not. That a "
        "model can overfit speaks to neither.",
        "Mask the candidate, or h at each step, where memory matters.",
        shapes={"recurrent-stepwise": "recurrent:direction,sample,step,feature"},
        measure=measures.what_survives,
    ),
    Claim(
        29, S4, "An extra `Dropout(0.25)` before `LSTM(dropout=0.5)` still matters.", "true",
        "The two keeps multiply, .75 × .5 = .375, but they are two masks of different sharing and not one.",
        "Count both, or take one of them away.",
        "every Keras 3",
        {"dropout.steps_share": False, "lstm.dropout.steps_share": True},
        measure=measures.one_place_or_two,
    ),
    Claim(
        32, S1, "Dropout usually goes on fully connected layers only, as they have the most parameters.",
        "false",
        "The BiLSTM of a classifier has many times the parameters of its fully connected layer, and their number is no "
        "measure of where noise helps: each tuned, dropout on the input and on the recurrent state lower the test loss "
        "on average over three text sets, not on each, and dropout before the fully connected layer is not told apart "
        "from none.",
        "Try the input and the recurrent site first.",
        measure=study.sites_at_their_best,
    ),
    Claim(
        33, S0, "The best configuration depends on the data and architecture and needs tuning.", "depends",
        "On data it does: tuned, recurrent dropout lowers the test loss on TREC and raises it a little on MR. That a "
        "second layer changes what a place does is not told apart, in ten pairs each on two sets; nothing else of the "
        "architecture was varied. Tuning paid by several hundredths of a nat on TREC, against a learning rate of .001 "
        "and a drop rate of .25, and most of that without dropout, too; on MR and PhraseBank it is not told apart, on "
        "average over placements. Nor is a setting tuned on another of the three sets, on average over placements, "
        "shown to be worse.",
        "Tune the learning rate first; then learning rate and drop rate together on your own data, with more than one "
        "seed before you call one best.",
        measure=study.data_depth_and_tuning,
    ),
)  # fmt: skip
