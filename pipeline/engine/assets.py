"""What is fetched: the one table of wheels, members, sizes, SHA-256 sums and licences.

A component is one folder of the cache. Its name carries the version, so a new
row never collides with an old folder. Nothing of a wheel is kept but the files
named here. The sums were taken from the files that PyPI serves; a mirror must
serve the same bytes.

The three folders of the Intel runtime hold the smallest set that the engine was
seen to open (``strace``), for every instruction set that the runtime knows
(h8 SSE4.2, e9 AVX, l9 AVX2, z0 and z1 AVX-512), since one cache may serve
different machines.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class FileSpec:
    """One file: ``source`` inside the archive, ``target`` below the component's folder, ``size`` in bytes."""

    source: str
    target: str
    size: int
    sha256: str
    executable: bool = False


@dataclass(frozen=True, slots=True)
class WheelSpec:
    """A wheel on PyPI; ``size`` in bytes, ``options`` pick one file where a release has several."""

    distribution: str
    version: str
    size: int
    sha256: str
    options: tuple[str, ...] = ()

    @property
    def requirement(self) -> str:
        """The exact requirement that pip is asked for."""
        return f"{self.distribution}=={self.version}"


@dataclass(frozen=True, slots=True)
class Component:
    """A folder of the cache and the wheel that fills it.

    With ``image`` set, that member of the wheel is an AppImage, and the sources
    of ``files`` are paths inside it.
    """

    key: str
    wheel: WheelSpec
    files: tuple[FileSpec, ...]
    licence: str
    image: FileSpec | None = None

    @property
    def installed_size(self) -> int:
        """Bytes on disk once extracted."""
        return sum(file.size for file in self.files)

    @property
    def digest(self) -> str:
        """Changes when any row of the component changes."""
        rows = "\n".join(f"{file.target} {file.size} {file.sha256} {file.executable}" for file in self.files)
        return hashlib.sha256(f"{self.key}\n{rows}".encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Archive:
    """A folder of the cache and the zip archive at an address that fills it.

    ``size`` in bytes and ``sha256`` are None where nobody published them;
    then the first download is recorded and later ones must agree with it.
    ``about`` is a rough size for forecasts where ``size`` is not known.
    ``limit`` is the most bytes that the unpacked files may take. With
    ``members`` only those are kept, flat; otherwise everything. ``program`` is
    the file that is to be run, looked for in every folder; with ``image`` it
    may be an AppImage, which then unpacks itself.
    """

    key: str
    url: str
    size: int | None
    sha256: str | None
    licence: str
    limit: int
    members: tuple[str, ...] = ()
    program: str = ""
    image: bool = False
    about: int = 0

    @property
    def name(self) -> str:
        """The file's name, as the address ends."""
        return self.url.rsplit("/", 1)[-1]

    @property
    def digest(self) -> str:
        """Changes when the row changes."""
        rows = f"{self.key}\n{self.url}\n{self.sha256}\n{self.members}\n{self.program} {self.image}"
        return hashlib.sha256(rows.encode()).hexdigest()


def _files(prefix: str, *rows: tuple[str, int, str], below: str = "", executable: str = "") -> tuple[FileSpec, ...]:
    """Rows (name, size, SHA-256) of one folder of an archive, put into the folder ``below``."""
    return tuple(
        FileSpec(prefix + name, below + name, size, sha256, executable=name == executable)
        for name, size, sha256 in rows
    )


_KATRAIN_ENGINE = WheelSpec(
    "katrain", "1.20.0", 105970370, "489caa966fa395a6ad459239641a927e4a2057963370e450109fe77120de662f"
)
_KATRAIN_B15 = WheelSpec(
    "katrain", "1.7.6", 58611139, "40bd18051fc79fa124647fec0b2f4d8cd888d09b6377d49888e7864784b98316"
)
_KATRAIN_B18 = WheelSpec(
    "katrain", "1.14.0", 124527350, "1c8270c9e7ef978f8d4fcc990866e03837f6017a6fc1478dd0f99094c16d51b7"
)

KATAGO_LINUX = Component(
    key="katago-1.18.1-opencl-linux-x64",
    wheel=_KATRAIN_ENGINE,
    licence="MIT (KataGo)",
    image=FileSpec(
        "katrain/KataGo/katago",
        "katago.AppImage",
        41630200,
        "f9029dcaa28608e9efa4e1d404940e651bd067bdd11528222e068f3b34450fd7",
        executable=True,
    ),
    files=(
        *_files(
            "usr/bin/",
            ("katago", 133279288, "a81e10d68061c1e73f715b387b587ad3799f688363c8fb6545b73ed99a12ccb1"),
            below="bin/",
            executable="katago",
        ),
        *_files(
            "usr/lib/",
            ("libbz2.so.1.0", 74848, "5e516f77fc36dd924fdf02c8489a217f55fa1548883d32c3a5e041fb25d47d6e"),
            ("libz.so.1", 108936, "64c206f0146cc58bbddc4f22054436f4ff278f5a554aa3ce6921ddf7e9133370"),
            ("libzip.so.4", 118480, "05746c16c79c34f3b408c5a6a5ddf9bd18e61c1cfd35f587e215ea37f23fe4ad"),
            below="lib/",
        ),
    ),
)

KATAGO_WINDOWS = Component(
    key="katago-1.18.1-opencl-windows-x64",
    wheel=_KATRAIN_ENGINE,
    licence="MIT (KataGo)",
    files=_files(
        "katrain/KataGo/",
        ("OpenCL.dll", 107520, "0c835106eafe5b4816b90a73b613c34b9542d076813df541d65f04f03b012033"),
        ("bz2.dll", 75776, "ce4a0c4b2e8d4409efb9e882df0adeba4a7332ab5194483aff50a28efee27897"),
        ("cacert.pem", 222172, "2782f0f8e89c786f40240fc1916677be660fb8d8e25dede50c9f6f7b0c2c2178"),
        ("katago.exe", 7518720, "0e6cc918840e6ef67c0b4a21109585306df7aaa3772971574e58deb8e8fc0575"),
        ("libcrypto-3-x64.dll", 5357568, "1c2152bcb085a7a85b1e81a0a8cb8c353a4c02fe4bb3b46c5e8b75903b2d0cfd"),
        ("libssl-3-x64.dll", 878080, "d29823911faf71b9d71aa7be306887a6d090dc11dff48e1d432ece66ad534229"),
        ("msvcp140.dll", 643512, "7c26614e1d733892c2deac7e245ce115504b1d80592dd0a01b08e3e5a55f89ca"),
        ("msvcp140_1.dll", 35768, "206c931bf90fdad8816de3b5e2ef80b2bcaa9406c89ecc05fe6fddffe251e982"),
        ("msvcp140_2.dll", 274872, "d50d7883f20d1dc6191768d3746f52dd9cac89c346ffaed5be1f110c2f34a838"),
        ("msvcp140_atomic_wait.dll", 57792, "3d0cbfaa1bf3eecf5a3f4491d2960ee803cb994f30292c6adc4a07c498f60e2b"),
        ("msvcp140_codecvt_ids.dll", 31160, "8a65c7596ef2e6938731f5a1058e7e40145b6d97967cc649231a076b9a608d78"),
        ("vcruntime140.dll", 178616, "d1f4225df2cd877dbf130d5668a021dce3f94118455ff5ec952061c30afc9ce7"),
        ("vcruntime140_1.dll", 50112, "a7146c08f89fe5b04541ab507cdb59ff7b44534d4ba3c668a426c6450a03434e"),
        ("vcruntime140_threads.dll", 38840, "40f39e8cee5f5a531b4010e18b807e8fe265b908dc58f959ecb7ebc6ea6cb11a"),
        ("z.dll", 91648, "a07ca94d3843a64b8b916ed83899ad9029578f1a931ec088d81da82834459e0c"),
        ("zip.dll", 114688, "0d88c137ddfaf3a506672cdc8da35658a1ea15fb5fd9d91950cb0658266e600e"),
        executable="katago.exe",
    ),
)

NETWORK_B15 = Component(
    key="network-g170e-b15c192",
    wheel=_KATRAIN_B15,
    licence="MIT (KataGo g170)",
    files=_files(
        "katrain/models/",
        (
            "g170e-b15c192-s1672170752-d466197061.bin.gz",
            36948927,
            "1579a64e6190c3a8d73eeb96feb4dee1879f9e5e114279b15d6c56dbab3b0f78",
        ),
    ),
)

NETWORK_B18 = Component(
    key="network-kata1-b18c384nbt",
    wheel=_KATRAIN_B18,
    licence="katagotraining.org network licence",
    files=_files(
        "katrain/models/",
        (
            "kata1-b18c384nbt-s6582191360-d3422816034.bin.gz",
            97895107,
            "7e7746ee26863763a5b4a1f0faaa36526a06b7673449762d016772aae84d64d4",
        ),
    ),
)

NETWORK_B10 = Component(
    key="network-b10c384h6nbttflrs",
    wheel=_KATRAIN_ENGINE,
    licence="MIT (KataGo)",
    files=_files(
        "katrain/models/",
        (
            "b10c384h6nbttflrs.bin.gz",
            38245488,
            "0ba27eced5180b3e3d0b898b280c541112989765e789d1eb6cd0d31b2b2c1229",
        ),
    ),
)

INTEL_OPENCL = Component(
    key="intel-opencl-2026.2.0-linux-x64",
    wheel=WheelSpec(
        "intel-opencl-rt", "2026.2.0", 224964968, "6b6215a420598b4999ee01caca6d5cbe106aa4155c46c52377619c5aafce9f67"
    ),
    licence="Intel End User License Agreement for Developer Tools",
    files=(
        *_files(
            "intel_opencl_rt-2026.2.0.data/data/lib/",
            ("cl.cfg", 9370, "27f33f9f1797098a9771d9f15a8134d1fbc50e2a6b404512bb411acf92d9b406"),
            ("clbltfne9.rtl", 6866468, "8f8230174c1f7c308ee3bda544675179b81091ef48828c3ef02a855bde6771ce"),
            ("clbltfnh8.rtl", 6943048, "29437803ff753567a7a52c2ea5ea051d7046623d8fc1adeaf73928fca6214c29"),
            ("clbltfnl9.rtl", 7168104, "8d0e6eb66df4856b9639f65d976c6ac318a79cab6faf3c64e1e327c049437d67"),
            ("clbltfnshared.rtl", 13743356, "c13d9a7accd9f6b6517e5f332e0984aeab4b45e67ba2407f73b8c4538e50f239"),
            ("clbltfnz0.rtl", 7044872, "c9669574bc2999886e911fb74658f7057d2db11599df5f0efb39a160ac17e983"),
            ("clbltfnz1.rtl", 7375520, "ba80ff718f54e5cb8ac95cde8d0c8035c7b475c790d5c287428445d3a3d61e8e"),
            ("cllibrary.rtl", 7488, "ff05a1a53ee988b2cb651249847e4b195e49a15589d9b22dbccb2f46478e7fdb"),
            ("cllibrarye9.o", 599064, "5d16c4b6930fdb318ef9a54a792ac6d19d2ac3f657a74d8072da0b8c9a62e9e1"),
            ("cllibraryh8.o", 640296, "cdd02ecdae6ce65533b8ab47c774e7bc2ed526df0cfc75467fec10a149b3b74b"),
            ("cllibraryl9.o", 532912, "1e6639cd3bb972592e1225c4302d7a94f4c422769dead398eb0dd885a7accbfe"),
            ("cllibraryz0.o", 591296, "1ad4ed003382fa492720066e041d296294e9f60a78ec4bafa74858d977441d67"),
            ("cllibraryz1.o", 598528, "4b53a091744f7983b820dec5d177e4c830aa956bdc7da302dc74a6f296f1c373"),
            ("libOpenCL.so.1", 104808, "cc04e15b3cddd6f62af2503b9b03c592dc32de3450e387da6b6965d49a9eda28"),
            (
                "libcommon_clang.so.2026.22.10.0",
                201715680,
                "50dc16df5c663ab7a74e2c5ad07546f0a5d8d88213fc14214157080014cdd627",
            ),
            ("libintelocl.so", 100572456, "af51ca856b48bbd073f4f555ff4f15cbfc209aaf14c58448be9de22cf915f28c"),
            ("libocl_svml_e9.so", 5240600, "a73a5954135e73e1e60b0e99d1a0347808915a6ab9ed6d23a4271a01045d53aa"),
            ("libocl_svml_h8.so", 5793912, "00c8c20e9d41f70a24913c08a60782109df7a5e084caa37befa4bb4b8c6d0705"),
            ("libocl_svml_l9.so", 4942352, "6972aee87af6f45bcbcd56e4136943c573b953bba393928ecdce4057734a15c3"),
            ("libocl_svml_z0.so", 4909088, "776c7200988b029125d955b52abdcd2e9a0dc83802f2b42c0251ee5ed0ac24f8"),
            ("libocl_svml_z1.so", 5731112, "00720225aa4889c22b35d1d861c9f314870d9b7c32baaf3f1e2b86e5c23db660"),
        ),
        *_files(
            "intel_opencl_rt-2026.2.0.data/data/share/doc/opencl/licensing/",
            ("third-party-programs.txt", 32294, "253875045af2ca8674cbd46be377d9871554decde5733507f8e50ba81b979516"),
        ),
        *_files(
            "intel_opencl_rt-2026.2.0.dist-info/",
            ("LICENSE.txt", 25224, "febfb69a5b058f55892dc7f341108a9ca29d50e9fe85723a57eebbb826436958"),
        ),
    ),
)

INTEL_MATH = Component(
    key="intel-math-2026.2.0-linux-x64",
    wheel=WheelSpec(
        "intel-cmplr-lib-rt", "2026.2.0", 41454395, "9f713083073a820d2496a6da8e8d4f3482aba6640f74521d25ea48dcebe72748"
    ),
    licence="Intel End User License Agreement for Developer Tools",
    files=(
        *_files(
            "intel_cmplr_lib_rt-2026.2.0.data/data/lib/",
            ("libimf.so", 5084320, "352cc8d53ceca3a9d50a14479297aff23af0f3d773f073dfe6597e66de8f0b9b"),
            ("libintlc.so.5", 416016, "f16c5e1cad3b3363903afca39def3bfa42dd4f41e8c892fea019103767f1a089"),
            ("libirng.so", 1072848, "8e014b69e3c1ea2235c1f98bd70eb1083d35bd39a793f521230c96e865b38db6"),
            ("libsvml.so", 28865896, "b2cf661fb044dc02d5901113841a294c3a95ce62a38270a396ed8b52680f9ba8"),
        ),
        *_files(
            "intel_cmplr_lib_rt-2026.2.0.dist-info/",
            ("LICENSE.txt", 25224, "febfb69a5b058f55892dc7f341108a9ca29d50e9fe85723a57eebbb826436958"),
        ),
    ),
)

TBB = Component(
    key="tbb-2023.2.0-linux-x64",
    wheel=WheelSpec("tbb", "2023.2.0", 6864088, "7d80615b6e970f11671fa05b6eaa9483ac864fbfe525ac280271a78b37870b7c"),
    licence="Intel Simplified Software License",
    files=(
        *_files(
            "tbb-2023.2.0.data/data/lib/",
            ("libtbb.so.12", 4481712, "b7a8ff5841cd7ae48ea1c6251b32aa0bd7bb5c93c13993fbc63f82d570cceed1"),
        ),
        *_files(
            "tbb-2023.2.0.dist-info/",
            ("LICENSE.txt", 4105, "7721633d0ddff43fae25ebfd405f8166a0ce730cbcec44f2f3ad9d5eb8ac9a6f"),
        ),
    ),
)

ICD_LOADER = Component(
    key="ocl-icd-2026.1.4-linux-x64",
    wheel=WheelSpec(
        "pyopencl",
        "2026.1.4",
        762300,
        "31bed2c185b395ace1315afaf14bb60e4ce740ef8e6a74033de64d8984decd87",
        options=("--python-version=3.11", "--implementation=cp", "--abi=cp311", "--platform=manylinux_2_28_x86_64"),
    ),
    licence="BSD-2-Clause (ocl-icd)",
    files=(
        FileSpec(
            "pyopencl/.libs/libOpenCL-5519dec5.so.1.0.0",
            "libOpenCL.so.1",
            766417,
            "5051cf99b7c71bbbabd6f50952397429564e0df6e1ce7eb951a73c63472ef517",
        ),
        FileSpec(
            "pyopencl-2026.1.4.dist-info/licenses/LICENSE",
            "LICENSE",
            5299,
            "79dd3ac2c71f61bca61ab1798d1517f6b3c2b1e7c7a7964ebffc608db5e01ab0",
        ),
    ),
)
"""The OpenCL loader for a machine whose graphics driver came without one. Its
build wants ``PYOPENCL_HOME`` set (it crashes otherwise)."""

INTEL_RUNTIME: tuple[Component, ...] = (INTEL_OPENCL, INTEL_MATH, TBB)
"""OpenCL on an x86-64 Linux CPU; brings its own loader ``libOpenCL.so.1``."""

ALL: tuple[Component, ...] = (
    KATAGO_LINUX,
    KATAGO_WINDOWS,
    NETWORK_B10,
    NETWORK_B15,
    NETWORK_B18,
    ICD_LOADER,
    *INTEL_RUNTIME,
)
