#!/usr/bin/env bash
# Runs the tests of limits and of hostile peers with the heavier counts: 2,000 connections at once, 2,000 resets in each
# phase, every order of three commands, and so on. It takes some minutes, wants an idle machine, because it checks that
# nobody else is late by more than 150 ms, and needs 10,000 descriptors.
#
#   ci/hostile.sh [PATTERN]
#
# PATTERN is a regular expression that chooses among the tests by name. The short form of the same tests is part of
# "go test work".
#
# Each test runs a healthy publisher and player beside the attack. Whatever the test is about, it fails if these two lose
# a byte or if one is late by more than 150 ms, if more than 64 MiB of memory are in use for a while, if a goroutine, a
# descriptor, a connection or memory is left after three seconds, or if nobody new is served. TestHostileSceneNotices
# does each of these damages and wants it to be noticed. What a single connection may cost, 8 MiB and what it has sent, is
# checked by those that attack with one. Tests in fake time want no delay at all. What the machine is to blame for is
# taken off: twice the time in which a clock of the same process stood still.
#
#   every limit, at it and past it      TestLimitSizes, TestLimitAMF, TestLimitStreams, TestLimitRequests, TestLimitNames,
#                                       TestLimitHandshakeTime, ...ConnectTime, ...StallTime, ...IdleTime, ...WriteTime,
#                                       ...Linger; bytes of memory for bytes of AMF: TestMemory of amf0 and amf3
#   chunk streams that promise 16 MiB   TestHostilePromises, TestHostileChunkStreams
#   AMF: nulls, keys, nesting           TestHostileAMF, TestHostileConnectObject
#   1-byte chunks                       TestHostileTinyChunks
#   quadratic key tables                TestHostileKeyTables
#   ping and ack floods                 TestHostileFloods (answers are read), TestHostileFloodsUnread (and are not)
#   slow-loris in each phase            TestHostileSlowPeers, TestHostileSlowReaders, TestHostileTLS
#   commands in every order             TestHostileOrder
#   100,000 createStreams               TestHostileCreateStreams, TestHostileHandlersPileUp
#   play and publish twice              TestHostileTwice
#   names with NUL, newline, "..", 1 MB TestHostileNames, TestHostileLongNames, TestLimitNames
#   media before publish, on stream 0   TestHostileMediaOutOfPlace, TestHostileEarlyMedia
#   empty, shorter than the header      TestHostileMedia, TestHostileLengths
#   lying aggregates, Enhanced headers  TestHostileMedia, TestHostileHeaders
#   RST in each phase, 2,000 times      TestHostileResets, TestHostileResetsInHandlers
#   2,000 connections at once           TestHostileConnectionsAtOnce, TestHostileHandshakesAtOnce
#   a publisher dies in mid-message     TestHostilePublisherDies (5 ms), TestHostilePublisherDiesInFakeTime (0)
#   other protocols, garbage            TestHostileProtocols, TestHostileHalfHandshake, TestHostileGarbage
#   players that harm a stream          TestHostilePlayersThatDoNotRead, TestHostilePlayerTalks, TestHostileStreamNumbers
#   a server is hostile                 TestHostileServer, TestHostileServerFloods
set -euo pipefail
cd "$(dirname "$0")/.."

need=10000
if [[ $(ulimit -n) != unlimited && $(ulimit -n) -lt $need ]]; then
  ulimit -n "$need"
fi

RTMP_HOSTILE=long go test -count=1 -timeout 30m -v -run "${1:-^Test(Hostile|Limit)}" . |
  grep -E '^(---|ok|FAIL|PASS|panic)|^ +[a-z_]+_test.go:'
