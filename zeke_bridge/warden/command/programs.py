"""What programs are known for, by name, by subcommand and by option.

Tables only, and no promise: a program may be renamed, and a build file may do anything. What is
not here is shown without a remark; it is asked about all the same.
"""

from __future__ import annotations

from collections.abc import Mapping

from zeke_bridge.warden.command.effect import Effect

_NAMES: Mapping[Effect, str] = {
    Effect.PRIVILEGE: "sudo su doas pkexec run0 runuser setpriv newgrp sg",
    Effect.DELETES: """
        rm rmdir unlink shred srm trash trash-put wipefs blkdiscard mkfs mke2fs fdisk parted
        sgdisk cryptsetup
        """,
    Effect.NETWORK: """
        curl wget nc ncat netcat socat ssh scp sftp ftp tftp telnet ping dig nslookup host drill
        whois aria2c axel lynx w3m links http https xh rclone mail sendmail msmtp mutt nmap
        gh glab aws gcloud az kubectl helm doctl flyctl heroku vercel netlify ansible
        ansible-playbook terraform tofu rsh rlogin mosh autossh ngrok cloudflared
        redis-cli psql mysql mongosh
        """,
    Effect.RIGHTS: """
        chmod chown chgrp setfacl chattr setcap usermod useradd userdel groupadd passwd chpasswd
        visudo umask chcon mount umount
        """,
    Effect.INSTALLS: """
        apt apt-get aptitude dpkg dnf yum rpm zypper pacman apk snap flatpak brew port nix-env
        conda mamba easy_install pipx
        """,
    Effect.REDEFINES: "alias unalias hash enable trap complete",
    Effect.LATER: "at batch crontab systemd-run",
    Effect.STAYS: "setsid disown daemonize screen tmux systemd-run dtach",
    Effect.ENDS: """
        kill pkill killall skill xkill reboot shutdown halt poweroff init telinit systemctl
        launchctl service rc-service
        """,
    Effect.WRITES: """
        tee cp mv install ln touch mkdir mkfifo mknod dd truncate patch unzip 7z 7za cpio ar
        rsync split csplit sponge ed ex vi vim nvim emacs nano rename fallocate gzip gunzip
        bzip2 xz zstd dos2unix
        """,
    Effect.CODE: "eval",
    Effect.FILE: """
        source . make gmake just rake ninja pytest tox nox gradle gradlew mvn mvnw ant bazel
        npx bunx uvx pre-commit expect
        """,
    Effect.WARDEN: "zeke ghostllm",
}
BY_NAME: dict[str, set[Effect]] = {}
for _effect, _listed in _NAMES.items():
    for _name in _listed.split():
        BY_NAME.setdefault(_name, set()).add(_effect)

_PACKAGES = {
    Effect.INSTALLS: "install i add ci update upgrade up remove uninstall rm publish link dlx exec",
    Effect.NETWORK: "install i add ci update upgrade up publish dlx exec create init audit login",
    Effect.FILE: "run run-script test t start stop exec dlx create init install i add ci x",
}
# Program: effect: its subcommands (the first argument that is no option).
SUBCOMMANDS: Mapping[str, Mapping[Effect, str]] = {
    "git": {
        Effect.NETWORK: "push pull fetch clone ls-remote submodule send-email svn p4 lfs",
        Effect.DELETES: "clean rm gc prune filter-branch filter-repo",
        Effect.WRITES: """
            checkout switch restore reset merge rebase cherry-pick revert apply am stash mv init
            worktree bisect sparse-checkout add commit tag branch pull clone submodule update-ref
            read-tree update-index format-patch archive bundle notes
            """,
        Effect.SWAPS: "config remote",
    },
    "docker": {
        Effect.NETWORK: "pull push run build login search compose buildx",
        Effect.DELETES: "rm rmi prune system volume image container builder",
        Effect.STAYS: "run start compose",
        Effect.FILE: "build run exec compose buildx",
        Effect.ENDS: "stop kill restart",
    },
    "npm": _PACKAGES,
    "pnpm": _PACKAGES,
    "yarn": _PACKAGES,
    "bun": _PACKAGES,
    "pip": {
        Effect.INSTALLS: "install uninstall",
        Effect.NETWORK: "install download wheel index search",
        Effect.FILE: "install wheel",
    },
    "uv": {
        Effect.INSTALLS: "add remove sync pip tool publish python self",
        Effect.NETWORK: "add sync pip tool publish lock run python self",
        Effect.FILE: "run build sync",
    },
    "poetry": {
        Effect.INSTALLS: "add remove install update publish self",
        Effect.NETWORK: "add install update publish lock self",
        Effect.FILE: "run build install",
    },
    "cargo": {
        Effect.INSTALLS: "install uninstall publish",
        Effect.NETWORK: "install publish fetch update search add login build run test check",
        Effect.FILE: "run test build check bench clippy install",
        Effect.DELETES: "clean",
    },
    "go": {
        Effect.INSTALLS: "install get",
        Effect.NETWORK: "install get mod",
        Effect.FILE: "run test generate build tool",
        Effect.DELETES: "clean",
    },
    "gem": {
        Effect.INSTALLS: "install uninstall update push",
        Effect.NETWORK: "install update push",
    },
    "bundle": {
        Effect.INSTALLS: "install update add",
        Effect.NETWORK: "install",
        Effect.FILE: "exec",
    },
    "composer": {Effect.INSTALLS: "install require update", Effect.NETWORK: "install require"},
    "openssl": {Effect.NETWORK: "s_client s_server"},
    "deno": {Effect.CODE: "eval", Effect.FILE: "run test task install", Effect.NETWORK: "install"},
    "dotnet": {Effect.FILE: "run test build", Effect.INSTALLS: "add tool"},
}
SAME_AS = {"podman": "docker", "nerdctl": "docker", "pip3": "pip", "brew": "brew"}
# Options of these that stand before the subcommand and take a value.
VALUE_BEFORE = frozenset({"-C", "-c", "--git-dir", "--work-tree", "--prefix", "--cwd", "--context"})

# Program: effect: short letters, then long options (or options with one dash), by blanks.
OPTIONS: Mapping[str, Mapping[Effect, tuple[str, str]]] = {
    "find": {
        Effect.DELETES: ("", "-delete"),
        Effect.WRITES: ("", "-fprint -fprint0 -fprintf -fls"),
    },
    "sed": {Effect.WRITES: ("i", "--in-place")},
    "perl": {Effect.WRITES: ("i", "")},
    "ruby": {Effect.WRITES: ("i", "")},
    "sort": {Effect.WRITES: ("o", "--output"), Effect.CODE: ("", "--compress-program")},
    "curl": {
        Effect.WRITES: ("oOJ", "--output --remote-name --remote-name-all --output-dir"),
        Effect.SWAPS: ("K", "--config"),
    },
    "wget": {Effect.WRITES: ("OP", "--output-document --directory-prefix --mirror")},
    "tar": {
        Effect.WRITES: ("xc", "--extract --create --get"),
        Effect.CODE: ("IF", "--to-command --checkpoint-action --use-compress-program"),
    },
    "rsync": {
        Effect.DELETES: ("", "--delete --remove-source-files --delete-after --delete-before"),
        Effect.CODE: ("e", "--rsh --rsync-path"),
    },
    "ssh": {Effect.CODE: ("o", "")},
    "git": {Effect.SWAPS: ("c", "--config-env --exec-path")},
    "awk": {Effect.FILE: ("f", "--file"), Effect.WRITES: ("i", "--in-place")},
    "xargs": {Effect.DYNAMIC: ("i", "")},
    "date": {Effect.RIGHTS: ("s", "--set")},
    "docker": {Effect.PRIVILEGE: ("", "--privileged")},
    "unzip": {Effect.WRITES: ("o", "")},
    "rg": {Effect.CODE: ("", "--pre --hostname-bin")},
    "sysctl": {Effect.RIGHTS: ("w", "--write")},
}

# Interpreters: the letters after which program text follows, and long options of that kind.
INTERPRETERS: Mapping[str, tuple[str, str]] = {
    "python": ("c", ""),
    "pypy": ("c", ""),
    "node": ("ep", "--eval --print"),
    "perl": ("eE", ""),
    "ruby": ("e", ""),
    "php": ("rBRE", "--run"),
    "lua": ("e", ""),
    "luajit": ("e", ""),
    "rscript": ("e", ""),
    "osascript": ("e", ""),
    "julia": ("eE", "--eval --print"),
    "elixir": ("e", "--eval"),
    "groovy": ("e", ""),
    "scala": ("e", ""),
    "tclsh": ("", ""),
    "ghci": ("e", ""),
    "sqlite3": ("", "-cmd"),
}
AWKS = frozenset({"awk", "gawk", "mawk", "nawk"})

# A variable that makes a program run, load or obey something else.
SWAPPING_NAMES = frozenset(
    """
    PATH HOME IFS ENV BASH_ENV PS4 PROMPT_COMMAND SHELL SHELLOPTS BASHOPTS CDPATH FPATH ZDOTDIR
    EDITOR VISUAL PAGER MANPAGER BROWSER LESSOPEN LESSCLOSE LESS TMPDIR
    PERL5LIB PERL5OPT PERL5DB RUBYOPT RUBYLIB NODE_OPTIONS NODE_PATH LUA_PATH LUA_CPATH LUA_INIT
    CLASSPATH JAVA_HOME JAVA_TOOL_OPTIONS _JAVA_OPTIONS JDK_JAVA_OPTIONS MAVEN_OPTS GRADLE_OPTS
    MAKEFLAGS MFLAGS CC CXX LD AR RUSTC RUSTC_WRAPPER RUSTFLAGS GOFLAGS GOPROXY GOPATH
    HTTP_PROXY HTTPS_PROXY ALL_PROXY SSL_CERT_FILE SSL_CERT_DIR CURL_HOME CURL_CA_BUNDLE
    XDG_CONFIG_HOME XDG_DATA_HOME GCONV_PATH HOSTALIASES LOCPATH NLSPATH RES_OPTIONS TERMINFO
    DOCKER_HOST KUBECONFIG SSH_ASKPASS SSH_AUTH_SOCK SUDO_ASKPASS VIMINIT EXINIT NVIM
    """.split()  # noqa: SIM905 - a table is easier to review than a list of quoted words
)
SWAPPING_STARTS = (
    "LD_", "DYLD_", "GIT_", "PYTHON", "PIP_", "UV_", "NPM_", "CARGO_", "BASH_FUNC", "GLIBC_",
    "MALLOC_", "ZEKE_", "GHOSTLLM_", "CMAKE_", "BUNDLE_", "NIX_", "ELECTRON_",
)  # fmt: skip
