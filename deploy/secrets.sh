#!/bin/sh
# Writes deploy/.env: a random value for each secret of deploy/compose.yaml that it does not hold yet. What is there
# stays, since yesterday's databases know their passwords. Hexadecimal, because two of them become a part of an address.
set -eu
umask 077

SECRETS='DB_ROOT_PASSWORD DB_PASSWORD INTERNAL_TOKEN JWT_SECRET CURSOR_SECRET STAFF_PASSWORD'
# 192 bits: nobody guesses it.
SECRET_BYTES=24

file=$(cd "$(dirname "$0")" && pwd)/.env
draft=$file.$$
trap 'rm -f "$draft"' EXIT

if [ -e "$file" ]; then awk 1 "$file" >"$draft"; else : >"$draft"; fi
made=
for name in $SECRETS; do
  if grep -q "^$name=." "$draft"; then continue; fi
  value=$(od -An -v -N "$SECRET_BYTES" -t x1 /dev/urandom | tr -d ' \n')
  echo "$name=$value" >>"$draft"
  made="$made $name"
done

# Renamed into place: a crash leaves the old file or the new one.
mv "$draft" "$file"
if [ -n "$made" ]; then echo "$file: made$made"; else echo "$file: has every secret already"; fi
