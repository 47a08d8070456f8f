"""Words of Go records in Chinese, Japanese and Korean, as they come in: patterns for reading, never for showing."""

from __future__ import annotations

import re
from typing import Final

CHINESE_DIGITS: Final = {c: i for i, c in enumerate("零一二三四五六七八九")} | {
    "〇": 0,
    "两": 2,
    "兩": 2,
    "初": 1,
    "壹": 1,
    "贰": 2,
    "叁": 3,
    "肆": 4,
    "伍": 5,
}
_NUM = r"(?:\d{1,4}(?:\.\d{1,3})?|[零〇一二三四五六七八九十两兩]{1,3})"
NUMERAL: Final = re.compile(_NUM)

# Charset by plausibility: characters that are frequent in names, events, ranks and results.
COMMON_SIMPLIFIED: Final = frozenset(
    "段级黑白胜负中盘目半子手棋围谱局贴让先授倒认输超时对弈规则中国日本韩国数目第届杯赛决半轮回战名人王天元圣本因坊"
    "的一是在不了有和人这大为上个来到地出以可下你年月生自会那后能要他她说着过得就多家学没同道如现作样面成还用事方"
    "李王张刘陈杨黄赵周吴徐孙马胡朱郭何罗高林梁郑谢宋唐许韩冯邓曹彭曾肖田董袁潘于蒋蔡余杜叶程苏魏吕丁任沈姚卢姜"
    "崔钟谭陆汪范金石廖贾夏韦付方白邹孟熊秦邱江尹薛闫段雷侯龙史陶黎贺顾毛郝龚邵万钱严覃武戴莫孔向汤常古力洁柯檀"
    "晓小东文明华伟平建志强国海永春军波涛磊超勇杰鹏飞宇浩然晨昊天泽睿思佳子涵雨欣怡诗梓轩俊毅博艺云山水风雪梅兰"
    "竹菊红绿青星光阳月亮春夏秋冬北南西东京上海广州网络大师指导快慢分秒读秒包干业余职业选手少年儿童队俱乐部学校班"
    "老新开始结束黑方白方猜先占角挂夹跳飞尖扳断长立退虎接提劫活死眼气势厚薄实地外边星位小目三守定式布局官"
)
COMMON_TRADITIONAL: Final = frozenset(
    "段級黑白勝負中盤目半子手棋圍譜局貼讓先授認輸超時對弈規則國數第屆盃賽決輪戰名人聖本因坊的一是在不了有和這大為"
    "上個來到地出以可下你年月生自會那後能要他說著過得就多家學沒同道如現作樣面成還用事方李王張劉陳楊黃趙週吳徐孫馬"
    "胡朱郭何羅高林梁鄭謝宋唐許韓馮鄧曹彭曾肖田董袁潘於蔣蔡余杜葉程蘇魏呂丁任沈姚盧姜崔鐘譚陸汪范金石廖賈夏韋周俊"
    "勳紅建志強海永春軍偉平傑鵬飛宇浩然晨昊天澤思佳涵雨欣怡詩軒毅博藝雲山水風雪梅蘭竹菊綠青星光陽北南西東京廣網路"
)
COMMON_HANGUL: Final = frozenset(
    "단급흑백승수집반불계전회국기원대국이김박최정조강윤장임한오서신권황안송류홍유고문양손배백허남심노하곽성차주우구나"
    "민진지현석준영호승재훈동경태상철창환희은혜수연아리인도의가를을는은에서로과와시간제차결선본예리그프로배컵세계여자"
    "변일상건겸규균근길빈범병봉복섭식순숙슬엽욱웅익예찬채탁필학헌형효휘방석별솔화미라"
    "마스터바둑아마커제탕웨이싱바세돌각초읽덤공제완료끝"
)

# Fields of other formats and of old SGF writers.
GENERIC_NAMES: Final = frozenset(
    {
        *("黑方", "白方", "黑", "白", "黑棋", "白棋", "未知", "不详", "不明", "无名", "佚名", "匿名", "玩家", "棋手"),
        *("흑", "백", "무명"),
        *("black", "white", "noir", "blanc", "unknown", "?", "??", "-", "n/a", "none", "null", "anonymous", "guest"),
        *("player", "player1", "player2", "playera", "playerb", "human", "you", "computer"),
    }
)

_RANK_UNIT = r"(?:段|级|級|단|급|品|dan|kyu|d|k|p)"
_RANK_CORE = rf"[PpAa业職职业業余餘]{{0,2}}\s?(?:\d{{1,2}}|[初一二三四五六七八九十]{{1,3}})\s?{_RANK_UNIT}[*?+]?"
# A bare rank behind a name: brackets, or a blank, or a CJK unit directly behind the name.
NAME_RANK: Final = (
    re.compile(rf"\s*[(（\[【]\s*(?P<rank>{_RANK_CORE})\s*[)）\]】]$", re.IGNORECASE),
    re.compile(rf"\s+(?P<rank>{_RANK_CORE})$", re.IGNORECASE),
    re.compile(r"(?P<rank>[Pp]?(?:\d{1,2}|[初一二三四五六七八九])(?:段|级|級|단|급))$"),
)

RULE_SUFFIX: Final = re.compile(r"(?:规则|規則|規約|棋规|rules?|ruleset|룰|규칙)\s*$", re.IGNORECASE)
RULES: Final = {
    **dict.fromkeys(
        (
            "chinese",
            "china",
            "cn",
            "chn",
            "gb",
            "中国",
            "中國",
            "数子",
            "數子",
            "数子法",
            "중국",
            "area",
            "chinese2002",
        ),
        "chinese",
    ),
    **dict.fromkeys(
        ("japanese", "japan", "jp", "jpn", "日本", "日", "数目", "數目", "比目", "일본", "territory", "nihon"),
        "japanese",
    ),
    **dict.fromkeys(("korean", "korea", "kr", "kor", "韩国", "韓国", "韓國", "한국"), "korean"),
    **dict.fromkeys(("aga", "美国", "美國", "american", "bga", "french", "ffg"), "aga"),
    **dict.fromkeys(("nz", "newzealand", "new-zealand", "new zealand", "新西兰", "新西蘭"), "new-zealand"),
    **dict.fromkeys(
        ("tromptaylor", "tromp-taylor", "tromp/taylor", "tromp taylor", "tt", "tt--", "logical"), "tromp-taylor"
    ),
    **dict.fromkeys(("ing", "goe", "ings", "应氏", "應氏", "计点制", "計點制", "ing goe"), "ing"),
    **dict.fromkeys(
        ("old chinese", "ancient chinese", "中国古棋", "中国古代", "古棋", "还棋头", "stone scoring"), "ancient-area"
    ),
    "chinese-ogs": "chinese-ogs",
    "chinese-kgs": "chinese-kgs",
    "ancient-area": "ancient-area",
    "ancient-territory": "ancient-territory",
}

# Komi and margins. 子 count stones of area (1 子 = 2 目), 又 joins the fraction, 目半 adds a half.
STONES_MIXED: Final = re.compile(rf"(?P<whole>{_NUM})\s*又\s*(?P<num>{_NUM})\s*/\s*(?P<den>\d)\s*子")
STONES_SPOKEN: Final = re.compile(rf"(?P<whole>{_NUM})?\s*又?\s*(?P<den>[二四])分之(?P<num>[一三])\s*子")
STONES_FRACTION: Final = re.compile(r"(?<![\d/])(?P<num>\d)\s*/\s*(?P<den>\d)\s*子")
STONES_HALF: Final = re.compile(rf"(?P<whole>{_NUM})\s*子半")
STONES_PLAIN: Final = re.compile(rf"(?P<whole>{_NUM})\s*子")
POINTS_HALF: Final = re.compile(rf"(?P<whole>{_NUM})\s*(?:目|집)\s*(?:半|반)")
POINTS_PLAIN: Final = re.compile(rf"(?P<whole>{_NUM})\s*(?:目|집|点|點|points?|pts?)", re.IGNORECASE)
HALF_POINT: Final = re.compile(r"(?:半|반)\s*(?:目|집)")
NO_KOMI: Final = re.compile(r"不贴|无贴|不貼|無貼|免贴|コミなし|덤\s*없")
REVERSE_KOMI: Final = re.compile(r"倒贴|倒貼|逆コミ|역덤")
KOMI_IN_TEXT: Final = re.compile(r"(?:贴|貼|コミ|덤|komi)[^,;，；、()（）]{0,16}", re.IGNORECASE)

# Handicap. 先相先, 受先, 定先, 让先, 互先: no stones are placed.
HANDICAP_STONES: Final = re.compile(
    r"(?:让|讓|受|授|被让|手合|접바둑)\s*(?P<n>\d{1,2}|[二两兩三四五六七八九])\s*(?:子|目|점)?|"
    r"(?P<m>\d{1,2}|[二两兩三四五六七八九])\s*(?:子局|子|점|stones?)",
    re.IGNORECASE,
)
NO_STONES_HANDICAP: Final = re.compile(r"受先|让先|讓先|定先|先相先|互先|分先|先番|호선|정선|선상선")
BLACK_ALWAYS: Final = re.compile(r"受先|让先|讓先|定先|先相先|정선|선상선")

# Results.
BLACK_NAMES: Final = re.compile(r"黑|黒|흑|\bblack\b|\bb\b", re.IGNORECASE)
WHITE_NAMES: Final = re.compile(r"白|백|\bwhite\b|\bw\b", re.IGNORECASE)
MOVE_COUNT: Final = re.compile(r"共?\s*\d{1,4}\s*(?:手完?|수|moves?)\s*(?:完|、|,|，)?", re.IGNORECASE)
DRAWN: Final = re.compile(r"和棋|平局|持碁|持棋|ジゴ|빅|무승부|\bjigo\b|\bdraw\b|\btie\b", re.IGNORECASE)
VOIDED: Final = re.compile(r"无胜负|無勝負|不计|作废|無効|무효|\bvoid\b|no\s?result", re.IGNORECASE)
ADJOURNED: Final = re.compile(r"打挂|打掛|封棋|停止|未完|中断|未下完|\bunfinished\b|\badjourned\b", re.IGNORECASE)
LOSES: Final = re.compile(
    r"认输|認輸|投了|投子|负|負|败|敗|기권패|패|\bresigns?\b|\bloses?\b|\blost\b|\bforfeits\b", re.IGNORECASE
)
WINS: Final = re.compile(r"胜|勝|승|赢|贏|\bwins?\b|\bwon\b", re.IGNORECASE)
BY_RESIGNATION: Final = re.compile(
    r"中盘|中盤|中押|中押し|不计点|불계|认输|認輸|投了|投子|\bresign|\bres\b", re.IGNORECASE
)
BY_TIME: Final = re.compile(r"超时|超時|时间|時間切|切れ|시간|\btime|\btimeout", re.IGNORECASE)
BY_FORFEIT: Final = re.compile(r"不战|不戰|不戦|弃权|棄權|反则|反則|判负|판정|반칙|\bforfeit|\bdefault", re.IGNORECASE)
CHINESE_NUMERAL_MARGIN: Final = re.compile(rf"{_NUM}")

# Dates.
YEAR_MONTH_DAY: Final = re.compile(
    r"(?<!\d)(?P<y>\d{4})\s*[-./年년]\s*(?P<m>\d{1,2})(?:\s*[-./月월]\s*(?P<d>\d{1,2})(?!\d))?"
)
COMPACT_DATE: Final = re.compile(
    r"(?<!\d)(?P<y>(?:1[5-9]|20|21)\d\d)(?P<m>0[1-9]|1[0-2])(?P<d>0[1-9]|[12]\d|3[01])(?!\d)"
)
YEAR_ONLY: Final = re.compile(r"(?<![\d#])(?P<y>1[5-9]\d\d|20\d\d|21\d\d)(?!\d)")
ERA_DATE: Final = re.compile(
    r"(?P<era>明治|大正|昭和|平成|令和)\s*(?P<y>元|\d{1,2})年?(?:\s*(?P<m>\d{1,2})月(?:\s*(?P<d>\d{1,2})日)?)?"
)
ERA_START: Final = {"明治": 1867, "大正": 1911, "昭和": 1925, "平成": 1988, "令和": 2018}
FIRST_YEAR: Final = "元"

UTF8_RANKS: Final = tuple(word.encode() for word in ("段", "级", "級", "단", "급"))
DAMAGED: Final = "□"

LIST_COMMA: Final = "、"
AND_MORE: Final = "等"
TEN: Final = "十"
FULLWIDTH_SEMICOLON: Final = "；"
RULE_PREFIXES: Final = (
    "chinese",
    "japanese",
    "korean",
    "aga",
    "中国",
    "中國",
    "日本",
    "韩国",
    "韓国",
    "韓國",
    "应氏",
    "應氏",
)
BARE_MARGIN: Final = re.compile(r"(?:胜|勝|by)\s*(\d{1,3}(?:\.\d{1,2})?)(?![\d/又])", re.IGNORECASE)
CLAUSE_END: Final = re.compile(r"[/,，。;；!！]")

# Fillers that print as nothing although they are letters.
INVISIBLE_LETTERS: Final = frozenset("\u3164\uffa0\u115f\u1160\u2800\u034f")
HALFWIDTH_KANA: Final = re.compile(r"[\uff61-\uff9f]")

# The strength that a rank names: 业余5段, 15k, P9段, 职业九段, 2 dan, 18级?
RANK: Final = re.compile(
    r"(?P<mark>[Pp]|职业|職業)?\D{0,3}?(?P<number>\d{1,2}|[初一二三四五六七八九十]{1,3})\s*(?P<unit>段|级|級|단|급|品|dan|kyu|[dkp])",
    re.IGNORECASE,
)
RANK_DAN: Final = frozenset({"段", "단", "dan", "d"})
RANK_KYU: Final = frozenset({"级", "級", "급", "kyu", "k"})
DIGITS: Final = {"初": 1, "一": 1, "二": 2, "三": 3, "四": 4, "五": 5, "六": 6, "七": 7, "八": 8, "九": 9, "十": 10}
