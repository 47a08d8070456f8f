"""What the program says when several machines share one queue."""

from __future__ import annotations

HELP = {
    "worker": "只做分析：从共用的队列里领对局，用本机的引擎算，报告写进共用的输出文件夹。",
    "no_worker": "只收棋谱、排队，不在本机分析（分析由别的机器上的 ./fupan worker 来做）。",
    "any_network": "也领别的网络的对局，改用本机的网络来算。",
    "worker_once": "队列做完就结束，不再等新的。",
}

SERVER_AWAY = "连不上数据库 {place}：暂停记录，最多等 {minutes} 分钟，恢复后自动继续，什么也不会丢。"
SERVER_BACK = "数据库 {place} 恢复了，继续。"
WORKING = "本机加入队列 {place}：网络 {network}，输出到 {output}。按 Ctrl-C 结束，没算完的由别的机器接着算。"
RECEIVING = "本机只收棋谱；分析由连到同一个数据库的 ./fupan worker 来做。"
UNSERVED = "有 {count} 项在等网络 {network}，现在没有用这个网络的机器（办法：在一台机器上换用这个网络，或运行 ./fupan worker --any-network）。"
ANY_NETWORK = "任意"

URL_REASONS = {
    "form": "写法不对",
    "scheme": "开头不是 postgresql:// 或 sqlite:///",
    "password": "密码里的 @ : / 等符号没有写成 %40 %3A %2F 的形式，或端口不对",
    "database": "没有写数据库名",
}
