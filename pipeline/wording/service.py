"""What installing Fupan as a service says."""

from __future__ import annotations

HELP = {
    "service": "开机就守着收件文件夹：安装、卸载、查看系统服务。",
    "install": "写出服务（Linux：systemd 用户服务；Windows：任务计划），并说明怎样启用。",
    "uninstall": "删除写出的服务文件，并说明怎样停用。",
    "status": "显示服务是否已安装、是否在运行。",
    "print": "只显示，不写文件。",
    "name": "服务的名字；守几个收件文件夹就起几个名字。",
    "kind": "systemd 或 windows；不写则按本机的系统。",
    "inbox": "收件文件夹。",
}
DESCRIPTION = "复盘：守候 {inbox}"

WRITTEN = "已写入 {path}"
UNCHANGED = "{path} 已经是最新的，没有改动。"
REMOVED = "已删除 {path}"
NOT_INSTALLED = "没有安装服务（{path} 不存在）。"
INSTALLED = "服务文件：{path}"
RUNS = "命令：{command}"
NEXT = "接着运行："
PRINTED = "以上内容存为 {path}，然后运行："
AFTER_REMOVAL = "请再运行，让系统停下并忘记它："
NO_PROGRAM = "没有 {name} 命令"
LINGER_WHY = "（最后一行让服务在没有人登录时也运行；开机自动启动。）"
LOGS = "查看日志：{command}"
STATE = "状态：{active}；开机启动：{enabled}；无人登录时运行：{linger}"
STATE_UNKNOWN = "这台机器上问不到 systemd（{detail}）。"
TASK_STATE = "任务计划：{state}"
YES_NO = {"yes": "是", "no": "否", "": "不明"}
ACTIVE = {
    "active": "正在运行",
    "inactive": "没有运行",
    "failed": "已失败（见日志）",
    "activating": "正在启动（或失败后等待重启）",
    "deactivating": "正在停止",
}
ENABLED = {"enabled": "是", "disabled": "否", "not-found": "否"}

UNIT_HEADER = """\
# 由 ./fupan service install 写出（{marker}）。要改收件文件夹、输出文件夹，请重新运行那条命令。
# 分析的时段、计算量等写在 {folder} 的 fupan.toml 里，改后运行 systemctl --user restart {name}。
"""
