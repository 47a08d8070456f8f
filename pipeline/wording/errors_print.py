"""Error texts about what is printed and exported: code -> (what happened, what to do)."""

from __future__ import annotations

PRINT_ERRORS: dict[str, tuple[str, str]] = {
    "report.unknown_game": ("没有找到对局 {query}。", "请用对局编号、文件名或棋手名的一部分，并检查 --output。"),
    "student.unknown": ("没有找到棋手 {name}。", "请检查名字和 --output；运行 ./fupan stats 可以看到全部棋手。"),
    "student.ambiguous": ("“{name}”对应多位棋手：{matches}。", "请写出完整的名字。"),
    "export.format": ("不能导出为 {value}。", "可用的格式：{known}。"),
    "export.table": ("没有名为 {value} 的表。", "可用的表：{known}。"),
    "export.empty": ("{path} 里还没有分析数据。", "请先运行 ./fupan review 分析棋谱，或检查 --output。"),
    "export.too_long": (
        "{path} 没有写成：{rows} 行超过了 XLSX 的上限 {limit} 行。",
        "请用 --format csv 导出，或用 --table 只导出需要的表。",
    ),
    "export.failed": ("{path} 没有写成：{detail}。", "请检查磁盘空间和 evaluations 文件夹里的文件，再重新运行。"),
    "report.ambiguous": ("“{query}”对应多盘对局：{matches}。", "请写得更具体一些。"),
    "report.unknown_student": ("没有找到 {student} 的对局。", "请检查姓名的写法和 --output；写姓名的一部分也可以。"),
    "report.not_his_game": (
        "{file} 里没有 {student}（黑方 {black}，白方 {white}）。",
        "请检查姓名，或去掉 --for。",
    ),
    "report.no_games": ("没有写要重印哪盘棋。", "请写对局编号、文件名或棋手名的一部分，或用 --for 写棋手姓名。"),
    "workbook.no_problems": (
        "这些对局里没有适合出题的失误（共{games}盘）。",
        "请换别的对局或棋手；计算量太小的分析也可能不够出题，可以加大 --visits 再分析。",
    ),
    "workbook.nothing_due": (
        "{total}道题都已经发过，还没到复习的日子（最早{due}）。",
        "到那天再出，或加 --again 不看发题记录。",
    ),
    "workbook.bad_history": (
        "发题记录 {path} 已损坏：{detail}。",
        "请把这个文件改名留存，再重新运行；或加 --again 不看发题记录。",
    ),
    "logo.unreadable": (
        "标志图片 {path} 无法读取：{detail}。",
        "请检查 --logo（或 fupan.toml 的 report.logo）写的位置。",
    ),
    "logo.too_large": ("标志图片 {path} 太大。", "请换成 {limit} KB 以内的 PNG 或 SVG。"),
    "logo.too_many_pixels": (
        "标志图片 {path} 有 {width}×{height} 像素，太大。",
        "请把长宽都缩小到 {limit} 像素以内。",
    ),
    "logo.damaged": ("标志图片 {path} 已损坏。", "请重新导出为 PNG。"),
    "logo.format": ("标志图片 {path} 不是 PNG 或 SVG。", "请在画图软件里另存为 PNG。"),
    "logo.unsafe_svg": (
        "标志图片 {path} 里有不能使用的内容（{name}）。",
        "SVG 只能有普通图形：请把文字转成路径、去掉嵌入的图片和脚本，或另存为 PNG。",
    ),
    "logo.too_complex": ("标志图片 {path} 太复杂（{count} 个图形，最多 {limit} 个）。", "请简化图形，或另存为 PNG。"),
    "logo.no_size": ("标志图片 {path} 没有写明大小。", "请给 SVG 加上 viewBox，或另存为 PNG。"),
    "report.template": ("报告模板出错：{detail}。", "如果改过 templates 文件夹，请恢复原样；否则请把日志发给开发者。"),
    "report.glyphs": ("报告里有字体印不出的字：{detail}。", "请把棋谱和日志发给开发者。"),
    "report.warning": ("排版时出现问题，没有生成报告：{detail}。", "请把棋谱和日志发给开发者。"),
    "report.press_died": (
        "排版程序两次意外退出（代码 {code}），没有生成这份报告。",
        "分析结果已保存。请检查内存是否够用，再用 ./fupan report 重印；仍然不行，请把棋谱和日志发给开发者。",
    ),
    "report.press_hung": (
        "这份报告排版超过 {minutes} 分钟，已放弃。",
        "分析结果已保存。请用 ./fupan report 重印；仍然不行，请把棋谱和日志发给开发者。",
    ),
    "dependency.templates": ("找不到报告模板 {folder}。", "请重新安装本程序，或恢复 templates 文件夹。"),
    "dependency.fonts": ("报告字体缺失或损坏：{folder}。", "请重新安装本程序，或恢复 templates/fonts 文件夹。"),
    "dependency.pango": (
        "排版所需的系统库缺失：{detail}。",
        "请运行：sudo apt-get install --no-install-recommends libpangoft2-1.0-0 libharfbuzz-subset0",
    ),
}
