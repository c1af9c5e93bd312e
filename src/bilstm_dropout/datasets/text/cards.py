"""The data cards of the text sets. Numbers of texts, copies and lengths are those that the loader found."""

from __future__ import annotations

from ..dataset import Card

_FOLDS = "No test part of its own: ten folds, one of them for the test and the next for validation (option `fold`)."
_UNKNOWN = (
    "With the default vocabulary every training token has an id, so training never meets the unknown token, which "
    "stands for 5 to 9 % of the test tokens."
)

IMDB = Card(
    name="imdb",
    short="IMDB",
    classes=2,
    title="IMDB reviews",
    what=(
        "A film review from the Internet Movie Database, of which the last 100 tokens are read. Is it positive "
        "(7 to 10 stars) or negative (1 to 4)?"
    ),
    source=(
        "Maas et al. (2011), from their page at Stanford; the archive's 50,000 labelled reviews. Their own split: "
        "25,000 for training, of which one tenth is for validation here, and 25,000 for the test."
    ),
    licence="none stated; the authors ask for a citation",
    citation="maas2011",
    flaws=(
        "Copies: 98 reviews of the training half and 201 of the test half repeat another of the same half (case and "
        "spacing aside). The 123 training reviews that also stand in the test half are dropped from training and "
        "validation. Films are not named in the files that are read, so reviews of one film can be in training and "
        "validation. Most reviews are longer than 100 tokens."
    ),
    kind="tokens",
    small=False,
    files=("aclImdb_v1.tar.gz",),
)

MR = Card(
    name="mr",
    short="MR",
    classes=2,
    title="MR, sentences of film reviews",
    what="A sentence or snippet of a film review, in lower case. Is its review positive or negative?",
    source=f"Pang and Lee (2005), as handed out with a public sentence classifier. {_FOLDS}",
    licence="not stated",
    citation="pang2005",
    flaws=(
        "A sentence has the label of its whole review, so a label can be wrong by itself. Sentences of one review are "
        "not marked and can lie in different folds. " + _UNKNOWN
    ),
    kind="tokens",
    small=False,
    files=("rt-polarity.all",),
)

TREC = Card(
    name="trec",
    short="TREC",
    classes=6,
    title="TREC questions",
    what="A short question. What is asked for: a description, entity, abbreviation, human, location or number?",
    source=(
        "Li and Roth (2002), as handed out with a public sentence classifier. Their own split: 5,452 questions for "
        "training, of which one tenth is for validation here, and 500 for the test. With test = fold, the 500 are "
        "left aside and a fold of the 5,452 is the test part."
    ),
    licence="not stated",
    citation="li2002",
    flaws=(
        "Classes are unequal: 86 of the training questions ask for an abbreviation, and 9 of the test. Test questions "
        "are shorter than training questions (7.8 and 10.6 tokens on average). 72 training questions repeat another; "
        "the 11 that also stand in the test part are dropped from training and validation. The test part is small: "
        "one question is 0.2 points of accuracy. " + _UNKNOWN
    ),
    kind="tokens",
    small=False,
    files=("TREC.train.all", "TREC.test.all"),
)

SUBJ = Card(
    name="subj",
    short="SUBJ",
    classes=2,
    title="SUBJ, subjective or objective",
    what="A sentence about a film, in lower case. Is it subjective (from a review) or objective (from a plot)?",
    source=f"Pang and Lee (2004), as handed out with a public sentence classifier. {_FOLDS}",
    licence="not stated",
    citation="pang2004",
    flaws=(
        "Labels are those of the source: every sentence from a review page counts as subjective and every one from a "
        "plot summary as objective, so style and names tell much. Sentences of one page are not marked and can lie in "
        "different folds."
    ),
    kind="tokens",
    small=False,
    files=("subj.all",),
)

PHRASEBANK = Card(
    name="phrasebank",
    short="PhraseBank",
    classes=3,
    title="Financial PhraseBank",
    what=(
        "A sentence of financial news about Finnish companies. Is it negative, neutral or positive for an investor? "
        "All sentences on whose label at least half of the annotators agreed."
    ),
    source=f"Malo et al. (2014), from the copy on Hugging Face. {_FOLDS}",
    licence="CC BY-NC-SA 3.0: name the authors, no commercial use, share alike",
    citation="malo2014",
    flaws=(
        "Classes are unequal: 59.4 % are neutral, so look at macro-F1 beside accuracy. Eight sentences repeat another, "
        "two of them with another label; 47 are equal to an earlier one but for numbers and punctuation, and can lie "
        "in different folds. " + _UNKNOWN
    ),
    kind="tokens",
    small=False,
    files=("FinancialPhraseBank-v1.0/Sentences_50Agree.txt",),
)

PHRASEBANK_ALLAGREE = Card(
    name="phrasebank-allagree",
    title="Financial PhraseBank, all agree",
    what=(
        "A sentence of financial news about Finnish companies. Is it negative, neutral or positive for an investor? "
        "Only sentences on whose label all annotators agreed."
    ),
    source=f"Malo et al. (2014), from the copy on Hugging Face. {_FOLDS}",
    licence="CC BY-NC-SA 3.0: name the authors, no commercial use, share alike",
    citation="malo2014",
    flaws=(
        "Easier than news is: sentences on which people disagree were left out. 61.4 % are neutral. Five sentences "
        "repeat another; 28 are equal to an earlier one but for numbers and punctuation, and can lie in different "
        "folds. A test fold has 226 or 227 sentences, each of them 0.44 points of accuracy. " + _UNKNOWN
    ),
    kind="tokens",
    small=False,
    files=("FinancialPhraseBank-v1.0/Sentences_AllAgree.txt",),
)
