"""The cases of symbol binding: each lays out /var/task and says from where a load starts.

Nothing in here says what the loader binds: it is asked. The three lines above each case say which of its rules the case
is there for, and where glibc has it (elf/dl-lookup.c unless another file is named).
"""

import os
import subprocess
from dataclasses import dataclass, field

from build_elf import CC, DT_AUXILIARY, dynamic_entries, retag_dynamic
from cases import TASK

DT_SYMBOLIC, DT_SYMTAB, DT_STRTAB, DT_VERSYM = 16, 6, 5, 0x6FFFFFF0
STV_HIDDEN = 2


@dataclass
class Case:
    about: str
    lay_out: object                # function(Files)
    start: str = "app.so"
    how: str = "listed"            # listed, program, opened (by the program "bootstrap")
    preload: str = None
    at_least: int = 1              # bindings that the case must lead to, so that an empty comparison is no success
    unbound: list = field(default_factory=list)  # (file, symbol) of strong references that stay unbound


CASES = []


def case(about, **options):
    def add(function):
        CASES.append(Case(about, function, **options))
        return function
    return add


class Files:
    def __init__(self, work, opener):
        self.work, self.opener = work, opener

    def lib(self, path, source, *needs, versions=None, flags=(), soname=None, symbolic=False, hide=None, kind="-shared"):
        """A library with no start-up files; `needs` are libraries of the package that it is linked against."""
        target = os.path.join(TASK, path)
        os.makedirs(os.path.dirname(target), exist_ok=True)
        code = os.path.join(self.work, "source.c")
        with open(code, "w") as file:
            file.write(source)
        command = [CC, kind, "-fPIC" if kind != "-no-pie" else "-fno-pie", "-O1", "-fno-builtin", "-nostdlib", "-fplt",
                   "-Wl,--no-as-needed", "-Wl,--build-id=none", "-Wl,--hash-style=gnu", "-Wl,--allow-shlib-undefined",
                   "-Wl,-rpath-link," + TASK + "/lib", code]
        if kind == "-shared":
            command.append("-Wl,-soname," + (soname or os.path.basename(path)))
        if versions:
            script = os.path.join(self.work, "versions.map")
            with open(script, "w") as file:
                file.write(versions)
            command.append("-Wl,--version-script," + script)
        if symbolic:
            command += ["-Xlinker", "-f", "-Xlinker", "replaced"]
        subprocess.run([*command, *flags, *[os.path.join(TASK, need) for need in needs], "-o", target], check=True)
        if symbolic or hide:
            with open(target, "r+b") as file:
                data = bytearray(file.read())
                if symbolic:
                    retag_dynamic(data, DT_AUXILIARY, "replaced", DT_SYMBOLIC)
                if hide:
                    set_visibility(data, hide, STV_HIDDEN)
                file.seek(0)
                file.write(data)
        return self

    def program(self, path, source, *needs, fixed=False, flags=()):
        return self.lib(path, source, *needs, kind="-no-pie" if fixed else "-pie", flags=["-Wl,--export-dynamic", *flags])

    def host(self, *needs, source="", flags=()):
        """The program that opens the start: the opener, linked with `needs`, with more code of its own."""
        extra = os.path.join(self.work, "extra.c")
        with open(extra, "w") as file:
            file.write(source + "\n")
        subprocess.run([CC, self.opener, extra, "-O1", "-Wl,--no-as-needed", "-Wl,--export-dynamic", *flags,
                        *[os.path.join(TASK, need) for need in needs], "-o", TASK + "/bootstrap"], check=True)
        return self

    def link(self, path, target):
        os.symlink(target, os.path.join(TASK, path))
        return self


def set_visibility(data, symbol, visibility):
    """Of a defined dynamic symbol. The first PT_LOAD maps the start of the file at address 0."""
    value = {tag: value for _, tag, value in dynamic_entries(data)}
    position = value[DT_SYMTAB]
    while position < value[DT_STRTAB]:
        start = value[DT_STRTAB] + int.from_bytes(data[position:position + 4], "little")
        if bytes(data[start:data.index(0, start)]).decode() == symbol:
            data[position + 5] = visibility
            return
        position += 24
    raise AssertionError("no dynamic symbol " + symbol)


USES_F = "int f(void); int use(void) { return f(); }"
F = "int f(void) { return 1; }"


# The scope is searched object by object, in the order in which breadth-first loading met them:
# app, liba, libb, libc1. libc1 is below liba, and still comes after libb.
# So f is libb's. (_dl_map_object_deps in elf/dl-deps.c, do_lookup_x)
@case("the first definition in breadth-first order is taken")
def _(f):
    f.lib("lib/libc1.so", F).lib("lib/liba.so", "int a;", "lib/libc1.so").lib("lib/libb.so", F)
    f.lib("app.so", USES_F, "lib/liba.so", "lib/libb.so")


# A weak definition is as good as a global one: without LD_DYNAMIC_WEAK the search ends at the first.
# (case STB_WEAK falls through to STB_GLOBAL)
# So f is liba's although libb has a strong one.
@case("a weak definition that comes first wins over a strong one")
def _(f):
    f.lib("lib/liba.so", "__attribute__((weak)) " + F).lib("lib/libb.so", F).lib("app.so", USES_F, "lib/liba.so", "lib/libb.so")


# What a library defines and calls through its PLT is looked up like any other symbol.
# (relocations name the symbol, and its own definition has no precedence)
# So liba's call of its own f goes to app.so, its data pointer too.
@case("a library's own symbol is interposed by an earlier object")
def _(f):
    f.lib("lib/liba.so", F + "int (*p)(void) = f; int use(void) { return f(); }").lib("app.so", F, "lib/liba.so")


# DT_SYMBOLIC puts the object itself before the scope; not for the main program.
# (_dl_map_object_from_fd in elf/dl-load.c)
# So liba's f is its own, libb's is app.so's; f2 that liba lacks is found in the scope.
@case("DT_SYMBOLIC: the object itself comes first")
def _(f):
    source = F + "int (*p)(void) = f; int f2(void); int use(void) { return f() + f2(); }"
    f.lib("lib/liba.so", source, symbolic=True).lib("lib/libb.so", source)
    f.lib("app.so", F + "int f2(void) { return 2; } int (*p2)(void) = f;", "lib/liba.so", "lib/libb.so", symbolic=True)


# A protected symbol is bound to its own object whatever comes first, calls and data alike.
# (the end of _dl_lookup_symbol_x)
# So liba's f and x are liba's, libb's references to them app.so's.
@case("protected visibility binds an object's own references to itself")
def _(f):
    source = '__attribute__((visibility("protected"))) int f(void) { return 1; } asm(".data; .quad f; .text");'
    f.lib("lib/liba.so", source).lib("lib/libb.so", "int f(void); int (*p)(void) = f; int use(void) { return f(); }")
    f.lib("app.so", F, "lib/liba.so", "lib/libb.so")


# A definition with hidden visibility in the dynamic symbol table (odd linkers leave them) is found and passed over.
# (dl_symbol_visibility_binds_local_p: goto skip)
# So f is libb's.
@case("a hidden definition is passed over")
def _(f):
    f.lib("lib/liba.so", F, hide="f").lib("lib/libb.so", F).lib("app.so", USES_F, "lib/liba.so", "lib/libb.so")


# The same for references: a symbol that has become hidden is never looked up elsewhere.
# (RESOLVE_MAP in elf/dl-reloc.c)
# So liba's pointer to f is its own, and no binding is reported for it.
@case("a reference to a symbol of hidden visibility is not looked up")
def _(f):
    f.lib("lib/liba.so", F + "int (*p)(void) = f;", hide="f").lib("lib/libb.so", USES_F).lib("app.so", F, "lib/liba.so", "lib/libb.so")


# A reference with a version takes a definition of that version only, or one without any version.
# (check_match: the hashes and names of the versions are compared)
# So f of V1 and V2 are both libv's, whatever order; liba's f of another version is passed over.
@case("a versioned reference takes that version")
def _(f):
    two = 'int f1(void) { return 1; } int f2(void) { return 2; } asm(".symver f1,f@V1"); asm(".symver f2,f@@V2");'
    f.lib("lib/libv.so", 'int f1(void) { return 1; } asm(".symver f1,f@@V1");', versions="V1 {};").lib("old.so", USES_F, "lib/libv.so")
    f.lib("lib/libv.so", two, versions="V1 {}; V2 {} V1;")
    f.lib("lib/liba.so", F, versions="W9 { f; };", flags=[TASK + "/old.so"]).lib("lib/libb.so", USES_F, "lib/libv.so")
    f.lib("app.so", USES_F.replace("use", "use2"), "lib/libv.so", "lib/liba.so", "lib/libb.so", "old.so")
    os.rename(TASK + "/old.so", TASK + "/lib/old.so")


# Two libraries with the same version name: which one the reference was linked against is not compared.
# (check_match compares only the version's name; the library's name is for what is not found)
# So f is liba's although the reference names libv.
@case("the same version of another library that comes first is taken")
def _(f):
    f.lib("lib/libv.so", F, versions="V1 { f; };").lib("lib/liba.so", F, versions="V1 { f; };")
    f.lib("lib/user.so", USES_F, "lib/libv.so").lib("app.so", "int g;", "lib/liba.so", "lib/user.so")


# A library without version information satisfies a versioned reference.
# (check_match: "Otherwise we accept the symbol")
# So f is liba's.
@case("a library without versions satisfies a versioned reference")
def _(f):
    f.lib("lib/libv.so", F, versions="V1 { f; };").lib("lib/user.so", USES_F, "lib/libv.so")
    f.lib("lib/liba.so", F).lib("app.so", "int g;", "lib/liba.so", "lib/user.so")


# So does a symbol without a version in a library that has versions for others (index 1, global).
# (check_match: the version's hash is 0, and neither side is hidden)
# So f is liba's.
@case("a symbol of the base version satisfies a versioned reference")
def _(f):
    f.lib("lib/libv.so", F, versions="V1 { f; };").lib("lib/user.so", USES_F, "lib/libv.so")
    f.lib("lib/liba.so", F + 'int g1(void) { return 1; } asm(".symver g1,g@@V7");', versions="V7 {};")
    f.lib("app.so", "int h;", "lib/liba.so", "lib/user.so")


# A reference without a version takes the base version or the first one that is defined (index 2), hidden or not.
# (check_match: indices from 3 on are not taken at once)
# So f is liba's f@V1, not libb's.
@case("an unversioned reference takes the oldest version")
def _(f):
    two = 'int f1(void) { return 1; } int f2(void) { return 2; } asm(".symver f1,f@V1"); asm(".symver f2,f@@V2");'
    f.lib("lib/user.so", USES_F).lib("lib/liba.so", two, versions="V1 {}; V2 {} V1;").lib("lib/libb.so", F)
    f.lib("app.so", "int g;", "lib/user.so", "lib/liba.so", "lib/libb.so")


# Where the symbol has only later versions, the default one is taken when it is the only default.
# (num_versions == 1 in do_lookup_x)
# So f is liba's f@@V3, and h, of which liba has hidden versions only, is libb's.
@case("an unversioned reference takes the only default of later versions, and no hidden one")
def _(f):
    source = ('int g1(void) { return 1; } int f1(void) { return 1; } int f2(void) { return 2; } int h1(void) { return 1; }'
              'asm(".symver g1,g@@V1"); asm(".symver f1,f@V2"); asm(".symver f2,f@@V3"); asm(".symver h1,h@V2");')
    f.lib("lib/user.so", USES_F + "int h(void); int use2(void) { return h(); }")
    f.lib("lib/liba.so", source, versions="V1 {}; V2 {} V1; V3 {} V2;").lib("lib/libb.so", "int h(void) { return 1; }")
    f.lib("app.so", "int k;", "lib/user.so", "lib/liba.so", "lib/libb.so")


# A versioned search goes on beyond the library that the version names (glibc 2.30 and later, BZ #24741).
# (before, do_lookup_x returned -1: "symbol f, version V1 not defined in file libv.so with link time reference")
# So f is libb's.
@case("a versioned search goes on beyond the library that the version names")
def _(f):
    f.lib("lib/libv.so", F + "int g(void) { return 1; }", versions="V1 { f; g; };")
    f.lib("lib/libb.so", F, versions="V1 { f; };")
    f.lib("app.so", USES_F + "int g(void); int use2(void) { return g(); }", "lib/libv.so", "lib/libb.so")
    f.lib("lib/libv.so", "int g(void) { return 1; }", versions="V1 { g; };")


# Where no library has the version of the symbol, strong references fail by name and version, weak ones are null.
# (libv has the version, so the check before the relocations passes; libb's f has another)
# So f stays unbound.
@case("a symbol that no library has in the version that is needed", unbound=[("app.so", "f")])
def _(f):
    f.lib("lib/libv.so", F + "int g(void) { return 1; } int w(void) { return 1; }", versions="V1 { f; g; w; };")
    f.lib("lib/libb.so", F, versions="V2 { f; };")
    f.lib("app.so", USES_F + "__attribute__((weak)) int w(void); int g(void); int use2(void) { return w ? g() : 0; }",
          "lib/libv.so", "lib/libb.so")
    f.lib("lib/libv.so", "int g(void) { return 1; }", versions="V1 { g; };")


# What nobody defines: a weak reference is null and nothing is said, a strong one is an error.
# (undef_map's symbol decides in _dl_lookup_symbol_x)
# So w is silent and f is named.
@case("weak and strong references that nobody satisfies", unbound=[("app.so", "f"), ("app.so", "data")])
def _(f):
    f.lib("lib/liba.so", "int a(void) { return 1; }")
    f.lib("app.so", "extern int data; int a(void); int f(void); __attribute__((weak)) int w(void); int* p = &data;"
          "int use(void) { return a() + f() + (w ? w() : 0); }", "lib/liba.so")


# STB_GNU_UNIQUE: the first object that any lookup ended at serves the whole process.
# (do_lookup_unique; objects are relocated last to first in elf/rtld.c)
# So with DT_SYMBOLIC in libb, u is found by libb first and is libb's for everybody.
@case("unique symbols are shared over the whole process")
def _(f):
    source = 'asm(".data; .globl u; .type u, @gnu_unique_object; .size u, 4; u: .long 1; .balign 8; .quad u; .text");'
    f.lib("lib/liba.so", source).lib("lib/libb.so", source, symbolic=True)
    f.lib("lib/libd.so", source).lib("app.so", "extern int u; int* p = &u;", "lib/liba.so", "lib/libb.so", "lib/libd.so")


# Without it, everybody finds the first one.
# (the table's entry and the search agree)
# So u is liba's for all.
@case("unique symbols without DT_SYMBOLIC")
def _(f):
    source = 'asm(".data; .globl u; .type u, @gnu_unique_object; .size u, 4; u: .long 1; .balign 8; .quad u; .text");'
    f.lib("lib/liba.so", source).lib("lib/libb.so", source)
    f.lib("app.so", "extern int u; int* p = &u;", "lib/liba.so", "lib/libb.so")


# A program at a fixed address has a copy of a library's data: the copy is filled from the library, and used by all.
# (ELF_RTYPE_CLASS_COPY skips lt_executable)
# So the program's x is bound to liba, liba's and libb's x to the program.
@case("copy relocations", start="bootstrap", how="program")
def _(f):
    f.lib("lib/liba.so", "int x = 5; int* p = &x;").lib("lib/libb.so", "extern int x; int* q = &x;")
    f.program("bootstrap", "extern int x; void _start(void) { x = 1; }", "lib/liba.so", "lib/libb.so", fixed=True)


# The address of a function in such a program is one in its PLT: st_value of an undefined symbol.
# (check_match: type_class & (sym->st_shndx == SHN_UNDEF))
# So libb's pointer to f is the program's, its call of f liba's.
@case("the address of a function in a program at a fixed address", start="bootstrap", how="program")
def _(f):
    f.lib("lib/liba.so", F).lib("lib/libb.so", "int f(void); int (*p)(void) = f; int g(void); int use(void) { return g(); }"
                                "asm(\".text; .globl call; call: jmp f@PLT\");")
    f.program("bootstrap", "int f(void); int g(void) { return 1; } int (*volatile p)(void) = f; void _start(void) { p(); f(); }",
              "lib/liba.so", "lib/libb.so", fixed=True, flags=["-fno-pic"])


# LD_PRELOAD comes right after the program.
# (_dl_map_object_deps in elf/dl-deps.c)
# So f is the preloaded library's, g the program's own.
@case("LD_PRELOAD comes after the program and before its libraries", start="bootstrap", how="program", preload="libpre.so")
def _(f):
    f.lib("lib/libpre.so", F + "int g(void) { return 2; }").lib("lib/liba.so", F + "int use2(void) { return f(); }")
    f.lib("lib/libb.so", "int g(void); int use3(void) { return g(); }")
    f.program("bootstrap", USES_F + "int g(void) { return 1; } void _start(void) { use(); }", "lib/liba.so", "lib/libb.so")


# A library that is opened looks first into the program's global scope, then into its own objects.
# (l_scope of _dl_new_object in elf/dl-object.c)
# So f is that of the program's library, g that of what the opened library needs.
@case("an opened library: the program's scope comes first, then its own", how="opened")
def _(f):
    f.lib("lib/libhost.so", F).lib("lib/libown.so", F + "int g(void) { return 2; } int use3(void) { return f(); }")
    f.host("lib/libhost.so").lib("app.so", USES_F + "int g(void); int use2(void) { return g(); }", "lib/libown.so")


# What the program itself exports comes before everything that is opened.
# (the program is the first object of the global scope)
# So f is the program's, also for libown, which defines it itself.
@case("an opened library: the program's own symbols come first", how="opened")
def _(f):
    f.lib("lib/libown.so", F + "int use3(void) { return f(); }").host(source=F).lib("app.so", USES_F, "lib/libown.so")


# The program was bound before: what is opened later does not serve it.
# (its relocations were done when it started)
# So the program's weak w stays null although libown has it.
@case("an opened library does not serve the program that opened it", how="opened")
def _(f):
    f.host(source="__attribute__((weak)) int w(void); int (*volatile p)(void) = w;", flags=["-fPIC"])
    f.lib("lib/libown.so", "int w(void) { return 1; }").lib("app.so", "int w(void); int use(void) { return w(); }", "lib/libown.so")


# DT_SYMBOLIC in an opened library: itself, then the global scope, then its own objects.
# (the symbolic list is put before the others)
# So f is app.so's own, g the program's.
@case("an opened library with DT_SYMBOLIC", how="opened")
def _(f):
    f.host(source=F + "int g(void) { return 1; }").lib("lib/libown.so", "int g(void) { return 2; }")
    f.lib("app.so", F + "int (*p)(void) = f; int g(void); int use(void) { return f() + g(); }", "lib/libown.so", symbolic=True)


# A table of the old style (DT_HASH alone) is searched the same.
# (do_lookup_x: l_gnu_bitmask is null)
# So f is libb's; hidden versions and defaults work as with DT_GNU_HASH.
@case("libraries with DT_HASH only")
def _(f):
    f.lib("lib/libb.so", F, versions="V1 { f; };", flags=["-Wl,--hash-style=sysv"]).lib("lib/liba.so", "int a;", flags=["-Wl,--hash-style=sysv"])
    f.lib("app.so", USES_F + "int g(void); int use2(void) { return g(); } int g(void) { return 1; }", "lib/liba.so", "lib/libb.so",
          flags=["-Wl,--hash-style=sysv"])


# Both tables: the GNU one is used.
# (_dl_setup_hash in elf/dl-setup_hash.c)
# So f is found where both are.
@case("libraries with both hash tables")
def _(f):
    f.lib("lib/libb.so", F, flags=["-Wl,--hash-style=both"]).lib("app.so", USES_F, "lib/libb.so", flags=["-Wl,--hash-style=both"])


# Thread-local variables are looked up by name like others, whatever their address (0 is a sound one).
# (check_match: st_value 0 is let through for STT_TLS)
# So t is liba's.
@case("thread-local symbols")
def _(f):
    f.lib("lib/liba.so", "__thread int t; __thread int t2;").lib("lib/libb.so", "__thread int t;")
    f.lib("app.so", "extern __thread int t; int use(void) { return t; }", "lib/liba.so", "lib/libb.so",
          flags=["-ftls-model=initial-exec"])


# An indirect function is a definition like others.
# (ALLOWED_STT)
# So f is liba's.
@case("indirect functions")
def _(f):
    f.lib("lib/liba.so", 'static int one(void) { return 1; } static void* pick(void) { return one; }'
          'int f(void) __attribute__((ifunc("pick")));').lib("app.so", USES_F, "lib/liba.so")


# A filter's target comes before the filter in the scope.
# (_dl_map_object_deps moves it)
# So f is libtarget's.
@case("a filter's target comes before the filter")
def _(f):
    f.lib("lib/libtarget.so", F).lib("lib/libf.so", F, flags=["-Xlinker", "-F", "-Xlinker", "libtarget.so"])
    f.lib("app.so", USES_F, "lib/libf.so")


# Two names of one file are one object in the scope.
# (_dl_map_object_from_fd compares device and inode)
# So f is libx's, by the name that it was first asked for with.
@case("one library under two names")
def _(f):
    f.lib("lib/libx.so.1", F, soname="libx.so.1").link("lib/libx.so", "libx.so.1").lib("stub/libx.so", F, soname="libx.so")
    f.lib("app.so", USES_F, "stub/libx.so", "lib/libx.so.1")


# libc's own symbols: interposed by the package like any others, versions and all.
# (libc calls malloc and free through its PLT)
# So libc's free is app.so's, and ld.so's __tls_get_addr comes from ld.so.
@case("the C library binds to what interposes its functions", at_least=20)
def _(f):
    f.lib("lib/liba.so", "extern void free(void*); void use2(void) { free(0); }")
    f.lib("app.so", "void free(void* p) {} void* malloc(unsigned long n) { return 0; }", "lib/liba.so", flags=["-lc"])
