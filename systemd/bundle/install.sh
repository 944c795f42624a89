#!/bin/sh
# Installs, upgrades or removes copier-fleet from this folder, without a network:
#   sudo ./install.sh              install or upgrade; may be run again at any time
#   sudo ./install.sh --uninstall  remove the program; configuration and ledger stay
#   sudo ./install.sh --purge      remove those too
# The program goes to /opt/copier-fleet. Needs Linux and Python 3.11 (PYTHON=... names another one).
# 使い方: sudo ./install.sh（導入・更新）、--uninstall（削除。設定と台帳は残す）、--purge（すべて削除）
set -eu
here=$(cd -- "$(dirname -- "$0")" && pwd -P)
home=/opt/copier-fleet
unit=copier-fleet.service
say() { echo "copier-fleet: $*"; }
refuse() {
    echo "copier-fleet: $1" >&2
    echo "copier-fleet: $2" >&2
    exit 1
}

has_systemd() { [ -d /run/systemd/system ] && command -v systemctl >/dev/null; }
installed='/usr/local/bin/copier-fleet /etc/systemd/system/copier-fleet.service
/etc/systemd/system/copier-fleet-backup.service /etc/systemd/system/copier-fleet-backup.timer
/etc/systemd/system/copier-fleet-centre.service
/usr/lib/sysusers.d/copier-fleet.conf /usr/lib/tmpfiles.d/copier-fleet.conf
/usr/local/share/bash-completion/completions/copier-fleet
/usr/local/share/zsh/site-functions/_copier-fleet
/usr/local/share/fish/vendor_completions.d/copier-fleet.fish'
share=/usr/local/share/copier-fleet

uninstall() {
    if has_systemd; then systemctl disable --now "$unit" copier-fleet-backup.timer copier-fleet-centre 2>/dev/null || true; fi
    for file in $installed /usr/local/share/man/man1/copier-fleet*.1 \
        /usr/local/share/man/ja/man1/copier-fleet*.1; do
        rm -f -- "$file"
    done
    rm -rf -- "$share" "$home" "$home"-*
    if has_systemd; then systemctl daemon-reload; fi
}

[ "$(id -u)" -eq 0 ] || refuse "管理者として実行してください: sudo $0 $*" "run it as root: sudo $0 $*"
case "${1:-}" in
'') ;;
--uninstall)
    uninstall
    say "削除しました。/etc/copier-fleet と /var/lib/copier-fleet は残っています"
    say "removed; /etc/copier-fleet and /var/lib/copier-fleet stay"
    exit
    ;;
--purge)
    uninstall
    rm -rf -- /etc/copier-fleet /var/lib/copier-fleet
    say "設定と台帳も含めてすべて削除しました / removed with configuration and ledger"
    exit
    ;;
*) refuse "使い方: $0 [--uninstall|--purge]" "usage: $0 [--uninstall|--purge]" ;;
esac

# --- may it be installed here? Nothing was changed before this is answered. -----------------------
wanted=$(cat "$here/PYTHON")
python=${PYTHON:-python$wanted}
command -v "$python" >/dev/null ||
    refuse "Python $wanted がありません。導入するか PYTHON=/path/to/python$wanted で指定してください" \
        "there is no Python $wanted: install it, or name it: PYTHON=/path/to/python$wanted $0"
is=$("$python" -c 'import sys, platform; print("%d.%d" % sys.version_info[:2], platform.machine())')
[ "$is" = "$wanted $(cat "$here/MACHINE")" ] ||
    refuse "この一式は Python $wanted・$(cat "$here/MACHINE") 用です（ここは $is）" \
        "this bundle is for Python $wanted on $(cat "$here/MACHINE"), and here is $is"
(cd "$here" && sha256sum --quiet --check SHA256SUMS >&2) ||
    refuse "一式のファイルが壊れています。もう一度写してください" \
        "a file of the bundle is damaged: copy it anew"

# --- the program, beside the one that runs; the change from one to the other is one rename ---------
version=$(cat "$here/VERSION")
new=$home-$version-$(sha256sum <"$here/SHA256SUMS" | cut -c1-12)
if [ "$(readlink -f "$home")" != "$new" ] || ! [ -x "$new/bin/copier-fleet" ]; then
    say "installing $version to $home"
    rm -rf -- "$new"
    "$python" -m venv --without-pip "$new"
    pip=$(echo "$here"/pip-*.whl) # a wheel can be run where it lies
    "$python" "$pip/pip" --disable-pip-version-check --python "$new/bin/python" install \
        --quiet --no-input --no-index --find-links "$here/wheels" --require-hashes \
        -r "$here/requirements.txt" || {
        rm -rf -- "$new"
        refuse "導入できませんでした。今までの版はそのままです" \
            "it could not be installed; what ran before is untouched"
    }
    if [ -e "$home" ] && ! [ -L "$home" ]; then
        refuse "$home は別の方法で導入されています。先に削除してください（apt remove copier-fleet など）" \
            "$home was installed in another way; remove it first (such as: apt remove copier-fleet)"
    fi
    ln -s -- "$new" "$home.next"
    mv -T -- "$home.next" "$home"
    for old in "$home"-*; do
        [ "$old" = "$new" ] || rm -rf -- "$old"
    done
fi

# --- what surrounds it ----------------------------------------------------------------------------
put() { mkdir -p -- "$(dirname -- "$2")" && install -m 644 -- "$1" "$2"; }
mkdir -p /usr/local/bin && ln -sfn "$home/bin/copier-fleet" /usr/local/bin/copier-fleet
# Only the place of the installed documents differs from a package's.
for one in copier-fleet.service copier-fleet-centre.service copier-fleet-backup.service copier-fleet-backup.timer; do
    sed 's|/usr/share/doc/copier-fleet|/usr/local/share/copier-fleet/doc|' \
        "$here/systemd/$one" >"$here/.unit"
    put "$here/.unit" "/etc/systemd/system/$one"
    rm -f -- "$here/.unit"
done
put "$here/systemd/copier-fleet.sysusers.conf" /usr/lib/sysusers.d/copier-fleet.conf
put "$here/systemd/copier-fleet.tmpfiles.conf" /usr/lib/tmpfiles.d/copier-fleet.conf
put "$here/completions/bash" /usr/local/share/bash-completion/completions/copier-fleet
put "$here/completions/zsh" /usr/local/share/zsh/site-functions/_copier-fleet
put "$here/completions/fish" /usr/local/share/fish/vendor_completions.d/copier-fleet.fish
for page in "$here"/man/*.1; do put "$page" "/usr/local/share/man/man1/$(basename -- "$page")"; done
for page in "$here"/man/ja/*.1; do
    put "$page" "/usr/local/share/man/ja/man1/$(basename -- "$page")"
done
rm -rf -- "$share"
mkdir -p -- "$share"
cp -r -- "$here/doc" "$here/grafana" "$here/sbom.cdx.json" "$share/"

if command -v systemd-sysusers >/dev/null; then
    systemd-sysusers copier-fleet.conf
    systemd-tmpfiles --create copier-fleet.conf
else
    id copier-fleet >/dev/null 2>&1 ||
        useradd --system --home-dir /var/lib/copier-fleet --shell /usr/sbin/nologin copier-fleet
    install -d -m 755 /etc/copier-fleet
    install -d -m 700 /etc/copier-fleet/secrets
    install -d -m 750 -o copier-fleet -g copier-fleet /var/lib/copier-fleet
fi
if has_systemd; then
    systemctl daemon-reload
    systemctl try-restart "$unit"
fi

say "$version を導入しました（/etc/copier-fleet の設定は変更していません）。設定がまだなら: sudo copier-fleet init"
say "$version is installed (/etc/copier-fleet was not touched); no configuration yet? sudo copier-fleet init"
