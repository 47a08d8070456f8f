"""Error texts about the state database and the stored analyses: code -> (what happened, what to do)."""

from __future__ import annotations

STORE_ERRORS: dict[str, tuple[str, str]] = {
    "store.disk_full": (
        "磁盘已满，{path} 没有写成；已有的内容没有损坏。",
        "请腾出空间后重新运行同一条命令，会从停下的地方继续。",
    ),
    "store.not_writable": ("{path} 无法写入：{detail}。", "请检查文件夹权限，或用 --output 指定另一个文件夹。"),
    "store.write_failed": ("{path} 写入失败：{detail}。", "请检查磁盘或网络共享是否正常，再重新运行同一条命令。"),
    "store.locked": (
        "状态数据库 {path} 一直被别的程序占用。",
        "请关闭正在打开它的程序（数据库浏览器、备份、网盘同步），再重新运行同一条命令。",
    ),
    "store.corrupt": (
        "状态数据库 {path} 已损坏：{detail}。",
        "请运行 ./fupan watch 或 ./fupan review：程序会把它改名留存，救回能读出的内容，已完成的对局不会重算。",
    ),
    "store.unwritable_database": (
        "状态数据库 {path} 无法打开或写入：{detail}。",
        "请检查文件夹权限，或用 --output 指定本机硬盘上的文件夹。",
    ),
    "store.database": (
        "状态数据库 {path} 出错：{detail}。",
        "请检查磁盘，或在 fupan.toml 里核对 state.url，再重新运行。",
    ),
    "store.unreachable": (
        "连不上状态数据库 {path}：{detail}。",
        "请检查数据库是否在运行、网络是否通；已完成的局面都已保存，恢复后重新运行同一条命令就会接着算。",
    ),
    "store.busy": (
        "状态数据库 {path} 一直被别的事务占用：{detail}。",
        "请稍后重新运行同一条命令；如果总是这样，请检查数据库服务器的负荷。",
    ),
    "store.login": (
        "登录不了状态数据库 {path}：{detail}。",
        "请核对 state.url 里的用户名、密码和数据库名，以及数据库是否允许这台机器登录。",
    ),
    "store.forbidden": (
        "状态数据库 {path} 不允许这样做：{detail}。",
        "请让这个用户成为数据库的所有者（GRANT ALL ON SCHEMA public），再重新运行。",
    ),
    "store.newer_database": (
        "状态数据库 {path} 由更新的版本建立（格式 {found}，本程序支持到 {supported}）。",
        "请把这台机器上的 fupan 也升级到同一版本。",
    ),
    "state.bad_url": (
        "设置 state.url 不能用：{why}。",
        "写法是 postgresql://用户:密码@主机:5432/数据库；密码里的特殊符号要写成 %40 这样的形式。",
    ),
    "state.no_driver": (
        "没有安装 PostgreSQL 的驱动程序 {driver}。",
        '请运行 .venv/bin/python -m pip install "psycopg[binary]"，或删除 .venv 文件夹后重新运行 ./fupan。',
    ),
    "store.bad_dataset": (
        "分析数据 {path} 无法读取：{detail}。",
        "请删除这个文件后重新运行同一条命令，这盘棋会重新生成。",
    ),
    "store.newer_schema": (
        "分析数据 {path} 由更新的版本写成（格式 {found}，本程序支持到 {supported}）。",
        "请升级 fupan。",
    ),
    "store.no_game": ("分析数据文件夹 {path} 里没有对局 {game_id}。", "请先分析这盘棋，或检查 --output 是否正确。"),
}
