"""Files in eight scripts, as people have them: imported whole, read by words or characters, and named without loss.

Each has a subject with an adjective, in two classes; names of columns, classes and files are in the script, too.
"""

import pytest
from support.own_files import as_texts, finding, refusal, write

from bilstm_dropout import datasets
from bilstm_dropout.datasets import own
from bilstm_dropout.datasets.own.importing import import_file
from bilstm_dropout.wording import markdown_safe

# Of each: the file, the columns, the classes with their adjectives, what is spoken of, the sentence, and the first
# tokens of the first text.
FILES = {
    "Chinese": (
        "评论.csv", ("评论", "情感"),
        {"正面": ["很好", "精彩", "感人", "有趣", "不错"], "负面": ["糟糕", "无聊", "失望", "难看", "太差"]},
        ["这部电影", "那本小说", "这首歌", "演员的表演", "故事情节", "音乐", "结局"],
        "{subject}真的{adjective}，我看了{times}遍。", ["这", "部", "电", "影", "真", "的", "很", "好", "，"],
    ),
    "Japanese": (
        "レビュー.csv", ("本文", "評価"),
        {"良い": ["面白かった", "感動した", "素晴らしかった", "楽しめた"],
         "悪い": ["つまらなかった", "ひどかった", "退屈だった", "期待外れだった"]},
        ["この映画は", "あの小説は", "主演の演技は", "ストーリーは", "音楽は", "ラーメンは", "結末は"],
        "{subject}とても{adjective}。もう{times}回見ました。", ["こ", "の", "映", "画", "は", "と", "て", "も"],
    ),
    "Thai": (
        "รีวิว.csv", ("ข้อความ", "ความรู้สึก"),
        {"ดี": ["สนุกมาก", "น่าประทับใจ", "ยอดเยี่ยม", "คุ้มค่า"], "แย่": ["น่าเบื่อ", "ผิดหวัง", "แย่มาก", "ไม่คุ้มเลย"]},
        ["หนังเรื่องนี้", "หนังสือเล่มนั้น", "เพลงนี้", "อาหารร้านนี้", "การแสดง", "บริการ", "ตอนจบ"],
        "{subject}{adjective} ดูมาแล้ว {times} ครั้ง", ["ห", "นั", "ง", "เ", "รื่", "อ", "ง", "นี้"],
    ),
    "Arabic": (
        "مراجعات.csv", ("النص", "الرأي"),
        {"إيجابي": ["رائع", "مُمتع", "جميل جدا", "مؤثر"], "سلبي": ["سيئ", "مُمل", "مخيب للآمال", "ضعيف"]},
        ["هذا الفيلم", "ذلك الكتاب", "الطعام", "أداء الممثل", "صوت المغني", "المكان", "آخر فصل"],
        "{subject} {adjective}، شاهدته {times} مرات.", ["هذا", "الفيلم", "رائع", "،", "شاهدته"],
    ),
    "Hindi": (
        "समीक्षा.csv", ("पाठ", "राय"),
        {"अच्छा": ["बहुत अच्छी", "शानदार", "मज़ेदार", "दिल छू लेने वाली"],
         "बुरा": ["बहुत बुरी", "उबाऊ", "बेकार", "निराशाजनक"]},
        ["यह फ़िल्म", "वह किताब", "कहानी", "दाल मखनी", "आवाज़", "शुरुआत", "आख़िरी कड़ी"],
        "{subject} {adjective} है, मैंने {times} बार देखी।", ["यह", "फ़िल्म", "बहुत", "अच्छी", "है"],
    ),
    "Russian": (
        "отзывы.csv", ("текст", "оценка"),
        {"хорошо": ["прекрасный", "трогательный", "смешной", "отличный"],
         "плохо": ["скучный", "ужасный", "пустой", "слабый"]},
        ["Этот фильм", "Тот роман", "Актёр", "Сюжет", "Концерт", "Ресторан", "Ваш сериал"],
        "{subject} просто {adjective}, смотрела {times} раза!", ["этот", "фильм", "просто", "прекрасный", ","],
    ),
    "Greek": (
        "κριτικές.csv", ("κείμενο", "γνώμη"),
        {"καλό": ["υπέροχη", "συγκινητική", "αστεία", "έξυπνη"], "κακό": ["βαρετή", "απαίσια", "μέτρια", "χαζή"]},
        ["Η ταινία", "Η παράσταση", "Η μουσική", "Η ηθοποιός", "Η ιστορία", "Η σειρά", "Η υπόθεση"],
        "{subject} ήταν {adjective}· την είδα {times} φορές.", ["η", "ταινία", "ήταν", "υπέροχη"],
    ),
    "Hebrew": (
        "ביקורות.csv", ("טקסט", "דעה"),
        {"חיובי": ["נהדר", "מרגש", "מצחיק", "מעולה"], "שלילי": ["משעמם", "גרוע", "מאכזב", "חלש"]},
        ["הסרט הזה", "הספר ההוא", "השחקן הראשי", "המחזה", "האלבום", "צה״ל בסרט", "הסיום"],
        "{subject} פשוט {adjective}, ראיתי {times} פעמים.", ["הסרט", "הזה", "פשוט", "נהדר", ","],
    ),
}  # fmt: skip
COUNTED = {"Chinese", "Japanese", "Thai"}


def rows(script):
    """Two sentences for each adjective and subject, the second on another subject."""
    _, columns, classes, subjects, sentence, _ = FILES[script]
    found = [[*columns]]
    for label, adjectives in classes.items():
        for place, adjective in enumerate(adjectives):
            for n, subject in enumerate(subjects):
                other, times = subjects[(n + 3 * place + 1) % 7], (2 + (place * 5 + n) % 7, 2 + n)
                said = (sentence.format(subject=each, adjective=adjective, times=count)
                        for each, count in zip((subject, other), times, strict=True))  # fmt: skip
                found.append([" ".join(said), label])
    return found


def read(script, folder, given=None):
    text, label = FILES[script][1]
    return as_texts(folder, given or rows(script), FILES[script][0], text=text, label=label)


@pytest.mark.parametrize("script", FILES)
def test_a_file_is_read_whole(script, tmp_path):
    _, columns, classes, subjects, _, _ = FILES[script]
    content, examples = read(script, tmp_path), len(subjects) * sum(map(len, classes.values()))
    assert content.columns == dict(zip(("text", "label"), columns, strict=True))
    assert content.classes == tuple(sorted(classes)) and content.facts["examples"] == examples
    assert finding(content, "no-tokens").startswith(f"0 of {examples} texts")
    unknown = next(each for each in content.report if each.name == "unknown")
    assert not unknown.warning and unknown.count < 0.1 * unknown.of
    assert content.arrays["lines"].tolist() == list(range(2, examples + 2))


@pytest.mark.parametrize("script", FILES)
def test_words_are_words_and_scripts_without_blanks_are_characters(script, project):
    file, (text, label), *_, tokens = FILES[script]
    name = import_file(write(project / file, rows(script)), text=text, label=label).name
    data = next(data for fold in range(3) if "row-000001" in (data := datasets.load(name, fold=fold)).train.ids)
    first = data.train.inputs[data.train.ids.index("row-000001")]
    assert [data.token_names[number] for number in first[: len(tokens)]] == tokens
    lengths = own.kept(name).facts["lengths"]
    assert lengths[0] >= (20 if script in COUNTED else 8) and (script in COUNTED or lengths[-1] <= 30)
    known = {word for word in data.token_names if len(word) > 1}
    assert len(known) > 20 or script in COUNTED


def test_names_of_all_files_are_different_and_each_data_set_describes_itself(project):
    made = {}
    for script, (file, (text, label), *_) in FILES.items():
        made[script] = import_file(write(project / file, rows(script)), text=text, label=label).name
    assert len(set(made.values())) == len(FILES) and own.names() == tuple(sorted(made.values()))
    for script, name in made.items():
        card = datasets.describe(name)
        for said in (*FILES[script][1], *FILES[script][2]):
            assert f"“{markdown_safe(said)}”" in card.what + card.source


@pytest.mark.parametrize("script", FILES)
def test_what_is_wrong_is_said_in_the_script_with_its_lines(script, tmp_path):
    (text, label), (first, *_) = FILES[script][1], FILES[script][2]
    given = rows(script)
    given[2][0], given[4][1], given[6][1] = " ", "", f"\u202e{first}"
    said = refusal(read, script, tmp_path, given)
    assert f"'{text}' is empty on line 3" in said and f"'{label}' is empty: line 5" in said
    assert f"U+202E (RIGHT-TO-LEFT OVERRIDE) in '\\u202e{first}' on line 7" in said
    assert FILES[script][0] in said


@pytest.mark.parametrize("script", FILES)
def test_marks_of_direction_and_joined_files_make_no_new_class(script, tmp_path):
    given = rows(script)
    for place, mark in ((1, "\u200f{}"), (2, "{}\u200e"), (3, "\ufeff{}"), (4, "{}\u200b ")):
        given[place][1] = mark.format(given[place][1])
    assert read(script, tmp_path, given).classes == read(script, tmp_path).classes
