"""The cases: each lays out /var/task (and what it needs around it) and says from where a load starts.

Nothing in here says what the loader does: it is asked. `about` names the rule that the case is there for.
"""

import os
from dataclasses import dataclass, field

TASK = "/var/task"
LAMBDA_PATH = "/var/lang/lib:/lib64:/usr/lib64:/var/runtime:/var/runtime/lib:/var/task:/var/task/lib:/opt/lib"
EM_AARCH64, ELFCLASS32 = 183, 1


@dataclass
class Case:
    about: str
    lay_out: object                     # function(Files)
    starts: list = field(default_factory=lambda: ["app.so"])
    how: str = "listed"                 # listed, program, opened
    library_path: str = LAMBDA_PATH
    before: list = field(default_factory=list)  # opened: libraries that the process opens first
    host: dict = None                   # opened: what the opener, then /var/task/bootstrap, is built with
    preload: str = None
    cached: list = field(default_factory=list)  # folders that /etc/ld.so.cache has beside the host's own
    stops: bool = False                 # the loader is expected to give up, so that this is not taken for a broken fixture


class Files:
    def __init__(self, builder):
        self.builder = builder

    def elf(self, path, *needs, **options):
        self.builder.build(os.path.join(TASK, path), needs, **options)
        return self

    def text(self, path, text):
        path = os.path.join(TASK, path)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w") as file:
            file.write(text)
        return self

    def cut(self, path, size):
        os.truncate(os.path.join(TASK, path), size)
        return self

    def link(self, path, target):
        path = os.path.join(TASK, path)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        os.symlink(target, path)
        return self


CASES = []


def case(about, **options):
    def add(function):
        CASES.append(Case(about, function, **options))
        return function
    return add


@case("RPATH before LD_LIBRARY_PATH before RUNPATH", starts=["rpath.so", "runpath.so"])
def _(f):
    f.elf("lib/liba.so").elf("own/liba.so").elf("own/libonly.so")
    f.elf("rpath.so", "liba.so", rpath="$ORIGIN/own").elf("runpath.so", "liba.so", "libonly.so", runpath="$ORIGIN/own")


@case("RPATH is inherited by what its object loads")
def _(f):
    f.elf("app.so", "liba.so", rpath="$ORIGIN/own").elf("own/liba.so", "libb.so").elf("own/libb.so", "libc1.so").elf("own/libc1.so")


@case("RUNPATH is not inherited")
def _(f):
    f.elf("app.so", "liba.so", runpath="$ORIGIN/own").elf("own/liba.so", "libb.so").elf("own/libb.so")


@case("a RUNPATH in the requesting object switches the whole RPATH chain off")
def _(f):
    f.elf("app.so", "liba.so", rpath="$ORIGIN/own").elf("own/liba.so", "libb.so", runpath="/nowhere").elf("own/libb.so")


@case("a RUNPATH in the middle of the chain contributes nothing and breaks nothing")
def _(f):
    f.elf("app.so", "liba.so", rpath="$ORIGIN/own").elf("own/liba.so", "libb.so", runpath="$ORIGIN:$ORIGIN/only")
    f.elf("own/libb.so", "libc1.so", "libd.so").elf("own/libc1.so").elf("own/only/libd.so")


@case("RPATH and RUNPATH in one object: the RPATH is ignored")
def _(f):
    f.elf("app.so", "liba.so", "libb.so", old_rpath="/var/task/old", runpath="/var/task/new")
    f.elf("old/liba.so").elf("old/libb.so").elf("new/liba.so")


@case("an empty RUNPATH switches off the RPATHs of the loaders too")
def _(f):
    f.elf("app.so", "liba.so", rpath="$ORIGIN/own").elf("own/liba.so", "libb.so", empty_runpath=True).elf("own/libb.so")


@case("RPATHs are asked from the inside out")
def _(f):
    f.elf("app.so", "liba.so", rpath="$ORIGIN/outer").elf("outer/liba.so", "libb.so", "libc1.so", rpath="$ORIGIN/../inner")
    f.elf("outer/libb.so").elf("inner/libb.so").elf("outer/libc1.so")


@case("$ORIGIN is the folder of the path as opened: links to files")
def _(f):
    f.elf("app.so", "liba.so", rpath="$ORIGIN/links").link("links/liba.so", "../real/liba.so.1")
    f.elf("real/liba.so.1", "libb.so", runpath="$ORIGIN").elf("real/libb.so").elf("links/libb.so")


@case("$ORIGIN with links to folders, and .. after them")
def _(f):
    f.elf("app.so", "liba.so", runpath="$ORIGIN/linked").link("linked", "store/deep/v1")
    f.elf("store/deep/v1/liba.so", "libb.so", runpath="$ORIGIN/../side").elf("store/deep/side/libb.so").elf("side/libb.so")


@case("$ORIGIN of a program is where the program really is", starts=["bin/tool"], how="program")
def _(f):
    f.elf("real/tool", "liba.so", "libb.so", kind="pie", runpath="$ORIGIN/../lib1:$ORIGIN")
    f.link("bin/tool", "../real/tool").elf("lib1/liba.so").elf("real/libb.so").elf("bin/libb.so")


@case("a program's RPATH serves all it loads", starts=["bootstrap"], how="program")
def _(f):
    f.elf("bootstrap", "liba.so", "libb.so", kind="pie", rpath="$ORIGIN/deep/lib")
    f.elf("deep/lib/liba.so", "libb.so").elf("deep/lib/libb.so", "libc1.so").elf("deep/lib/libc1.so")


@case("a program at a fixed address", starts=["bootstrap"], how="program")
def _(f):
    f.elf("bootstrap", "liba.so", kind="fixed", runpath="$ORIGIN/own").elf("own/liba.so")


@case("tokens in search paths: $LIB, $PLATFORM, braces, names that only begin like one")
def _(f):
    f.elf("app.so", "liba.so", "libb.so", "libc1.so", "libd.so",
          runpath="$ORIGIN/$LIB:${ORIGIN}/${PLATFORM}:$ORIGIN-libs:$ORIGINAL:$ORIGIN/$LIBRARY")
    for folder in ["lib/x86_64-linux-gnu", "lib64", "haswell", "x86_64", "xeon_phi"]:
        f.elf(folder + "/liba.so").elf(folder + "/libb.so")
    f.elf("$LIBRARY/libc1.so").elf("../task-libs/libd.so")


@case("tokens inside needed names", starts=["deep/app.so"])
def _(f):
    f.elf("deep/app.so", "$ORIGIN/../lib/liba.so", "lib-$PLATFORM.so", "lib-${LIB}.so", "lib$OTHER.so")
    f.elf("lib/liba.so", "$ORIGIN/libb.so").elf("lib/libb.so").elf("lib/lib$OTHER.so")
    for name in ["haswell", "x86_64", "xeon_phi"]:
        f.elf("lib/lib-%s.so" % name)
    f.elf("lib-lib/x86_64-linux-gnu.so").elf("lib-lib64.so")


@case("NODEFLIB leaves out default folders", library_path=None)
def _(f):
    f.elf("app.so", "libm.so.6", "liba.so", nodeflib=True, runpath="$ORIGIN/own").elf("own/liba.so", "libm.so.6")


@case("NODEFLIB takes from the cache what lies in no default folder", library_path=None, cached=["/opt/cached"])
def _(f):
    f.elf("../../opt/cached/liba.so").elf("../../opt/cached/libb.so").elf("own/libb.so")
    f.elf("app.so", "liba.so", "libb.so", "libm.so.6", nodeflib=True, runpath="$ORIGIN/own")


@case("the cache comes after RUNPATH and before the default folders", cached=["/opt/cached"])
def _(f):
    f.elf("../../opt/cached/liba.so").elf("../../opt/cached/libm.so.6").elf("../../opt/cached/libb.so").elf("own/libb.so")
    f.elf("app.so", "liba.so", "libb.so", "libm.so.6", runpath="$ORIGIN/own")


@case("a slash in a needed name: a path from the working folder", starts=["deep/app.so"])
def _(f):
    f.elf("deep/app.so", "lib/liba.so", "./libb.so", "/var/task/deep/libc1.so", "deep/../lib/libd.so", "gone/libe.so")
    f.elf("lib/liba.so", "libx.so", runpath="$ORIGIN/own").elf("lib/own/libx.so").elf("libb.so").elf("deep/libc1.so").elf("lib/libd.so")


@case("candidates of another machine and class are passed over")
def _(f):
    f.elf("app.so", "liba.so", "libb.so", rpath="$ORIGIN/arm:$ORIGIN/old:$ORIGIN/own")
    f.elf("arm/liba.so", machine=EM_AARCH64).elf("old/liba.so", elf_class=ELFCLASS32).elf("own/liba.so").elf("arm/libb.so", machine=EM_AARCH64)


@case("libraries that need each other")
def _(f):
    f.elf("app.so", "liba.so").elf("lib/liba.so", "libb.so").elf("lib/libb.so", "libc1.so", "liba.so").elf("lib/libc1.so", "liba.so", "app.so")


@case("a missing library, and what is found around it")
def _(f):
    f.elf("app.so", "libgone.so", "liba.so").elf("lib/liba.so", "libgone.so", "libb.so").elf("lib/libb.so")


@case("an empty file first on the path is fatal", stops=True)
def _(f):
    f.elf("app.so", "liba.so", "libb.so", rpath="$ORIGIN/bad:$ORIGIN/own").text("bad/libb.so", "").elf("own/liba.so").elf("own/libb.so")


@case("the text of a Git LFS pointer first on the path is fatal", stops=True)
def _(f):
    pointer = "version https://git-lfs.github.com/spec/v1\noid sha256:" + "0" * 64 + "\nsize 12345\n"
    f.elf("app.so", "liba.so", rpath="$ORIGIN/bad:$ORIGIN/own").text("bad/liba.so", pointer).elf("own/liba.so")


@case("an ELF file that is cut off in its header is fatal", stops=True)
def _(f):
    f.elf("app.so", "liba.so", rpath="$ORIGIN/bad:$ORIGIN/own").elf("bad/liba.so").cut("bad/liba.so", 40).elf("own/liba.so")


@case("a linker script in the place of a library is fatal", stops=True)
def _(f):
    f.elf("app.so", "liba.so").text("lib/liba.so", "/* GNU ld script */\nGROUP ( libb.so libc1.so )\n" * 3)


@case("a folder with the needed name is fatal", stops=True)
def _(f):
    f.elf("app.so", "liba.so").text("liba.so/readme", "x").elf("lib/liba.so")


@case("a program as a library is fatal", stops=True)
def _(f):
    f.elf("app.so", "liba.so").elf("lib/liba.so", kind="fixed")


@case("a position-independent program as a library is fatal", stops=True)
def _(f):
    f.elf("app.so", "liba.so").elf("lib/liba.so", kind="pie")


@case("glibc-hwcaps subfolders come first, the best one first")
def _(f):
    f.elf("app.so", "liba.so", "libb.so", "libc1.so")
    for folder in ["lib", "lib/glibc-hwcaps/x86-64-v2", "lib/glibc-hwcaps/x86-64-v3", "lib/glibc-hwcaps/x86-64-v4"]:
        f.elf(folder + "/liba.so")
    f.elf("lib/libb.so").elf("lib/glibc-hwcaps/x86-64-v2/libb.so").elf("lib/glibc-hwcaps/x86-64-v1/libb.so")
    f.elf("lib/libc1.so", machine=EM_AARCH64).elf("lib/glibc-hwcaps/x86-64-v2/libc1.so")


@case("the older scheme of subfolders, in all its combinations")
def _(f):
    f.elf("app.so", "liba.so", "libb.so", "libc1.so", "libd.so", runpath="$ORIGIN/own")
    f.elf("own/tls/liba.so").elf("own/tls/x86_64/liba.so").elf("own/haswell/x86_64/liba.so").elf("own/liba.so")
    f.elf("own/haswell/libb.so").elf("own/x86_64/libb.so").elf("own/libb.so")
    f.elf("own/avx512_1/libc1.so").elf("own/libc1.so")
    f.elf("own/x86_64/libd.so").elf("own/libd.so")


@case("a soname that is loaded already beats RPATH", how="opened", before=["/var/lang/lib/libz.so.1"])
def _(f):
    f.elf("../lang/lib/libz.so.1", soname="libz.so.1")
    f.elf("app.so", "libz.so.1", "liba.so", rpath="$ORIGIN/own").elf("own/libz.so.1", soname="libz.so.1").elf("own/liba.so", "libz.so.1")


@case("a library is opened by the bootstrap: its RPATH is asked last of the RPATHs, what it has loaded is there", how="opened",
      host={"needs": ["libx.so"], "rpath": "$ORIGIN/hosts"})
def _(f):
    f.elf("hosts/libx.so").elf("hosts/libp.so", "libq.so").elf("hosts/libq.so").elf("hosts/libr.so").elf("own/libr.so").elf("own/libx.so")
    f.elf("app.so", "libx.so", "libp.so", "libr.so", rpath="$ORIGIN/own")


@case("a RUNPATH in what the bootstrap opens switches the bootstrap's RPATH off too", how="opened", stops=True, host={"rpath": "$ORIGIN/hosts"})
def _(f):
    f.elf("hosts/libp.so").elf("own/liba.so").elf("app.so", "liba.so", "libp.so", runpath="$ORIGIN/own")


@case("a soname inside one load beats the search", starts=["app.so"])
def _(f):
    f.elf("app.so", "one/libx.so.1.2", "liby.so", rpath="$ORIGIN/two").elf("one/libx.so.1.2", soname="libx.so.1")
    f.elf("two/liby.so", "libx.so.1").elf("two/libx.so.1")


@case("a library without a soname bears the name that it was asked for with")
def _(f):
    f.elf("app.so", "libx.so", "liby.so", rpath="$ORIGIN/own").elf("own/libx.so")
    f.elf("own/liby.so", "libx.so", runpath="$ORIGIN/other").elf("own/other/libx.so")


@case("a file is found by its name, whatever its soname; the soname counts afterwards")
def _(f):
    f.elf("app.so", "libx.so", "libx.so.1", "liby.so.1").elf("lib/libx.so", soname="libx.so.1").elf("lib/libx.so.1").elf("lib/liby.so", soname="liby.so.1")


@case("one file under two names is one object")
def _(f):
    f.elf("app.so", "libx.so", "libx.so.1").elf("lib/libx.so.1.2").link("lib/libx.so", "libx.so.1").link("lib/libx.so.1", "libx.so.1.2")


@case("the runtime's copy on LD_LIBRARY_PATH beats one that RUNPATH or /var/task/lib have")
def _(f):
    f.elf("../lang/lib/libz.so.1", soname="libz.so.1")
    f.elf("app.so", "libz.so.1", runpath="$ORIGIN/own").elf("own/libz.so.1", soname="libz.so.1").elf("lib/libz.so.1", soname="libz.so.1")


@case("the same with RPATH: the bundled copy wins")
def _(f):
    f.elf("../lang/lib/libz.so.1", soname="libz.so.1")
    f.elf("app.so", "libz.so.1", rpath="$ORIGIN/own").elf("own/libz.so.1", soname="libz.so.1")


@case("filters must be there and come first; auxiliaries may be missing")
def _(f):
    f.elf("app.so", "libf.so", "libother.so")
    f.elf("lib/libf.so", "libn.so", filters=["libtarget.so"], auxiliaries=["libaux.so", "libgone.so"])
    f.elf("lib/libtarget.so", "libt2.so").elf("lib/libaux.so", "libother2.so").elf("lib/libt2.so").elf("lib/libother.so").elf("lib/libother2.so").elf("lib/libn.so")


@case("a filter for what is loaded already moves it forward")
def _(f):
    f.elf("app.so", "liba.so", "libf.so", "libtarget.so").elf("lib/liba.so").elf("lib/libf.so", filters=["libtarget.so"]).elf("lib/libtarget.so", "libt2.so").elf("lib/libt2.so")


@case("empty and relative entries of a search path mean the working folder", starts=["deep/app.so"], library_path="/nowhere::lib")
def _(f):
    f.elf("deep/app.so", "liba.so", "libb.so", "libc1.so", rpath="deep/own:").elf("liba.so", "libd.so", runpath="$ORIGIN/own")
    f.elf("own/libd.so").elf("lib/libb.so").elf("deep/own/libc1.so")


@case("a part of a search path that does not exist ends it")
def _(f):
    f.elf("app.so", "liba.so", "libb.so", runpath="$ORIGIN/gone/../own:$ORIGIN/own/../own2").elf("own/liba.so").elf("own2/libb.so")


@case("an endless link ends its list of folders, not the search")
def _(f):
    f.elf("app.so", "liba.so", rpath="$ORIGIN/loop:$ORIGIN/own").link("loop/liba.so", "liba.so").elf("own/liba.so").elf("lib/liba.so")


@case("a link that leads nowhere is passed over")
def _(f):
    f.elf("app.so", "liba.so", rpath="$ORIGIN/broken:$ORIGIN/own").link("broken/liba.so", "gone.so").elf("own/liba.so")


@case("links that leave the package and come back, or stay out")
def _(f):
    f.elf("../lang/real/liba.so").link("lib/liba.so", "/var/lang/real/liba.so")
    f.elf("store/libb.so").link("lib/libb.so", "/var/task/store/libb.so").link("lib/libc1.so", "../../task/store/libb.so")
    f.elf("app.so", "liba.so", "libb.so", "libc1.so")


@case("LD_PRELOAD comes before what the program needs", starts=["bootstrap"], how="program", preload="libp.so:/var/task/own/libq.so libgone.so")
def _(f):
    f.elf("bootstrap", "libp.so", "libq.so", "liba.so", kind="pie").elf("lib/libp.so", "libz1.so").elf("own/libq.so", soname="libq.so")
    f.elf("lib/libq.so").elf("lib/liba.so", "libp.so").elf("lib/libz1.so")


@case("a layer's library in /opt/lib is the last")
def _(f):
    f.elf("app.so", "liba.so", "libb.so").elf("../../opt/lib/liba.so").elf("../../opt/lib/libb.so").elf("lib/libb.so")


@case("a library that two loaders reach: the first one's RPATH counts in each load", starts=["a/app.so", "b/app.so"])
def _(f):
    for folder in "ab":
        f.elf(folder + "/app.so", "libshared.so", rpath="$ORIGIN/own:$ORIGIN/../common").elf(folder + "/own/libx.so")
    f.elf("common/libshared.so", "libx.so")


@case("bundled libraries with system ones in between")
def _(f):
    f.elf("app.so", "libstdc++.so.6", "liba.so", "libm.so.6", rpath="$ORIGIN/own").elf("own/liba.so", "libgcc_s.so.1", "libc.so.6", "libz.so.1").elf("own/libgcc_s.so.1", soname="libgcc_s.so.1")
