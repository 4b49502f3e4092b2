#!/bin/bash
# The macOS image: signs dist/Seedling.app, packs it, has Apple look at it.
#
#   installer/macos/dmg.sh VERSION     writes dist/seedling-VERSION-macos-ARCHITECTURE.dmg
#
# MACOS_IDENTITY        "Developer ID Application: …"; without it the program is signed for this computer alone
# MACOS_NOTARY_PROFILE  credentials kept by `xcrun notarytool store-credentials`; without it Apple is not asked
#
# What entitlements.plist asks for, explained here since codesign reads that file by a parser that may refuse comments:
# allow-unsigned-executable-memory  ctypes makes functions at run time, by which llama.cpp calls back
# disable-library-validation        Python loads extension modules and libraries that Apple or the same team did not sign
set -eu

version=$1
app=dist/Seedling.app
image=dist/seedling-$version-macos-$(uname -m).dmg
identity=${MACOS_IDENTITY:--}
options=""
if [ "$identity" != "-" ]; then options="--options runtime --timestamp"; fi

# Innermost first: what is signed around something vouches for it.
find "$app/Contents" -type f \( -name '*.dylib' -o -name '*.so' -o -perm -u+x \) -print0 |
    while IFS= read -r -d '' file; do
        if file -b "$file" | grep -q Mach-O; then
            # shellcheck disable=SC2086
            codesign --force --sign "$identity" $options --entitlements installer/macos/entitlements.plist "$file"
        fi
    done
# shellcheck disable=SC2086
codesign --force --sign "$identity" $options --entitlements installer/macos/entitlements.plist "$app"
codesign --verify --deep --strict "$app"

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cp -R "$app" "$folder/"
ln -s /Applications "$folder/Applications"
hdiutil create -volname Seedling -srcfolder "$folder" -fs HFS+ -format UDZO -ov "$image"

if [ "$identity" != "-" ]; then codesign --sign "$identity" --timestamp "$image"; fi
if [ -n "${MACOS_NOTARY_PROFILE:-}" ]; then
    xcrun notarytool submit "$image" --keychain-profile "$MACOS_NOTARY_PROFILE" --wait
    xcrun stapler staple "$image"
fi
echo "$image"
