/*
 * The life of one submission: database, Redis, relays, workers, consumers, reconciler, and what can go wrong.
 *
 * Each atomic block is one step of the real code: one transaction, one command or script in Redis. Between two
 * of them anything else may happen, and each process may die. Time is left out: a claim, a lease or patience may
 * be over at any moment. That is more than can happen, so what holds here does not depend on any duration.
 *
 * Bounds: ATTEMPTS numbers of attempt, WORKERS workers, two relays, two consumers, one reconciler, one
 * rejudging, one cancelling; DEATHS deaths of workers, LOSSES restarts of Redis (empty, or from an older copy),
 * LATE leases that end while their worker lives.
 */
#ifndef ATTEMPTS
#define ATTEMPTS 3
#endif
#ifndef DEATHS
#define DEATHS 1
#endif
#ifndef LOSSES
#define LOSSES 1
#endif
#ifndef LATE
#define LATE 1
#endif
#define WORKERS 2
#define CANCELLED 9 /* the attempt in the lease of a cancelled submission: greater than any */
#define NOBODY 0
#define REPORT(a, w) report[(a) * 3 + (w)]
#define REPORTED (report[4] || report[5] || report[7] || report[8] || report[10] || report[11])
#define IN_REDIS (waiting[attempt] || REPORTED || (lease_attempt == attempt && lease_worker != NOBODY))

/* the database */
byte attempt = 0; /* 0: not accepted yet */
bool open = false, outbox = false, claimed = false, has_verdict = false, cancelled = false, failed = false;
byte records = 0, owed = 0, rejudged = 0;

/* Redis */
bool waiting[5], popped[5], job[5], report[15];
byte lease_attempt = 0, lease_worker = NOBODY;

/* an older copy of Redis */
bool has_copy = false;
bool old_waiting[5], old_popped[5], old_job[5], old_report[15];
byte old_lease_attempt = 0, old_lease_worker = NOBODY;

/* the processes' memory */
byte judging[3]; /* by worker: its attempt, 0 for none */
bool leased[3];
byte deaths = 0, losses = 0, late = 0;

#ifdef TRACE
#define STEP(name, a, w) printf("step %s %d %d | %d %d %d %d %d %d %d\n", name, a, w, \
    attempt, open, outbox, has_verdict, cancelled, failed, records)
#else
#define STEP(name, a, w) skip
#endif
#ifdef RELATION
/* Printed for each transition of the exhaustive search: what the database holds before and after it. */
#define BEFORE c_code { was = (((((now.attempt * 2 + now.open) * 2 + now.outbox) * 2 + now.has_verdict) * 2 + now.cancelled) * 2 + now.failed); };
#define AFTER c_code { note(was, (((((now.attempt * 2 + now.open) * 2 + now.outbox) * 2 + now.has_verdict) * 2 + now.cancelled) * 2 + now.failed)); };
#else
#define BEFORE
#define AFTER
#endif
#ifdef RELATION
c_code {
    static int was;
    static char seen[1024][1024];
    static void note(int before, int after) {
        if (before != after && !seen[before][after]) {
            seen[before][after] = 1;
            printf("transition %d %d\n", before, after);
        }
    }
};
#endif

inline forget_redis() {
    byte i;
    for (i : 0 .. 4) { waiting[i] = false; popped[i] = false; job[i] = false };
    for (i : 0 .. 14) { report[i] = false };
    lease_attempt = 0;
    lease_worker = NOBODY
}

inline remove_job(a) { waiting[a] = false; popped[a] = false; job[a] = false }

/* AttemptStore.requeue_or_fail: conditional on the current attempt of an open submission */
inline requeue(a) {
    if
    :: open && attempt == a && attempt < ATTEMPTS -> attempt = attempt + 1; outbox = true; claimed = false
    :: open && attempt == a && attempt == ATTEMPTS ->
        open = false; outbox = false; claimed = false;
        if :: has_verdict :: else -> failed = true fi /* a failed rejudging leaves the verdict */
    :: else
    fi
}

active proctype Client() {
    byte a;
    atomic { BEFORE; attempt = 1; open = true; outbox = true; owed = 1; AFTER; STEP("accept", 1, 0) };
    do
    :: atomic { open && !has_verdict && !cancelled -> BEFORE; a = attempt;
           open = false; cancelled = true; outbox = false; claimed = false; AFTER; STEP("cancel", a, 0) };
       if
       :: atomic { lease_attempt = CANCELLED; lease_worker = NOBODY; remove_job(a); STEP("remove", a, 0) }
       :: skip /* Redis was away, or the process has died */
       fi
    :: atomic { !open && has_verdict && rejudged == 0 && attempt < ATTEMPTS -> BEFORE; rejudged = 1; owed = owed + 1;
           attempt = attempt + 1; open = true; outbox = true; claimed = false; AFTER; STEP("rejudge", attempt, 0) }
    :: atomic { rejudged == 0 && cancelled -> break }
    :: atomic { has_verdict -> break }
    :: atomic { failed -> break }
    od
}

active [2] proctype Relay() {
    byte a;
end:
    do
    :: atomic { outbox && !claimed -> claimed = true; a = attempt; STEP("claim", a, _pid) };
       if
       :: atomic { /* the script SEND skips a job that exists */
              if :: !job[a] -> job[a] = true; waiting[a] = true :: else fi; STEP("send", a, _pid) };
          if
          :: atomic { BEFORE; if :: attempt == a -> outbox = false; claimed = false :: else fi; AFTER;
                 STEP("mark_sent", a, _pid) }
          :: atomic { if :: outbox -> claimed = false :: else fi; STEP("claim_expires", a, _pid) }
          fi
       :: atomic { if :: outbox -> claimed = false :: else fi; STEP("claim_expires", a, _pid) }
       fi
    od
}

/* The claim of a dispatcher that died, or is slow, runs out by itself; its holder may go on afterwards. */
active proctype Time() {
end:
    do
    :: atomic { late < LATE && outbox && claimed -> late = late + 1; claimed = false; STEP("claim_expires", attempt, 0) }
    :: atomic { late < LATE && lease_worker != NOBODY -> late = late + 1;
           STEP("lease_expires", lease_attempt, lease_worker); lease_attempt = 0; lease_worker = NOBODY }
    :: atomic { lease_worker != NOBODY && judging[lease_worker] != lease_attempt ->
           STEP("lease_expires", lease_attempt, lease_worker); lease_attempt = 0; lease_worker = NOBODY }
    :: atomic { lease_worker == NOBODY && lease_attempt != 0 && late < LATE -> late = late + 1;
           lease_attempt = 0; STEP("lease_expires", 0, 0) }
    od
}

proctype Worker(byte w) {
end:
    do
    :: atomic { judging[w] == 0 && waiting[1] -> waiting[1] = false; popped[1] = true; judging[w] = 1; STEP("pop", 1, w) }
    :: atomic { judging[w] == 0 && waiting[2] -> waiting[2] = false; popped[2] = true; judging[w] = 2; STEP("pop", 2, w) }
    :: atomic { judging[w] == 0 && waiting[3] -> waiting[3] = false; popped[3] = true; judging[w] = 3; STEP("pop", 3, w) }
    :: atomic { judging[w] != 0 && !leased[w] -> /* the script LEASE */
           if
           :: lease_attempt > judging[w] || (lease_attempt == judging[w] && lease_worker != NOBODY && lease_worker != w) ->
               STEP("lease_refused", judging[w], w); popped[judging[w]] = false; judging[w] = 0
           :: else -> lease_attempt = judging[w]; lease_worker = w; leased[w] = true; STEP("lease", judging[w], w)
           fi }
    :: atomic { leased[w] && (lease_attempt != judging[w] || lease_worker != w) -> /* RENEW_LEASE at a heartbeat */
           if
           :: lease_attempt == 0 -> lease_attempt = judging[w]; lease_worker = w; STEP("renew", judging[w], w)
           :: else -> STEP("lease_lost", judging[w], w); popped[judging[w]] = false; judging[w] = 0; leased[w] = false
           fi }
    :: atomic { leased[w] -> /* the script FINISH */
           if
           :: lease_attempt != 0 && (lease_attempt != judging[w] || lease_worker != w) -> STEP("finish_refused", judging[w], w)
           :: else ->
               assert(lease_attempt == 0 || lease_worker == w); /* no verdict from who does not hold the lease */
               REPORT(judging[w], w) = true; job[judging[w]] = false;
               lease_attempt = 0; lease_worker = NOBODY; STEP("finish", judging[w], w)
           fi;
           popped[judging[w]] = false; judging[w] = 0; leased[w] = false }
    :: atomic { deaths < DEATHS && judging[w] != 0 -> deaths = deaths + 1; STEP("die", judging[w], w);
           judging[w] = 0; leased[w] = false }
    od
}

/* Records, then acknowledges. A death in between leaves the entry, which is then recorded again. */
inline consume(a, w) {
    atomic { REPORT(a, w) -> BEFORE;
        if
        :: lease_attempt == a && lease_worker != NOBODY && lease_worker != w -> STEP("refuse_report", a, w)
        :: else ->
            if
            :: open && attempt == a ->
                assert(!cancelled); /* cancelled stays cancelled */
                records = records + 1;
                assert(records <= owed); /* each verdict that is owed is recorded once */
                open = false; outbox = false; claimed = false; has_verdict = true; failed = false
            :: else
            fi;
            STEP("record", a, w)
        fi; AFTER };
    if
    :: atomic { REPORT(a, w) = false; STEP("acknowledge", a, w) }
    :: skip
    fi
}

active [2] proctype Consumer() {
end:
    do
    :: REPORT(1, 1) -> consume(1, 1)
    :: REPORT(1, 2) -> consume(1, 2)
    :: REPORT(2, 1) -> consume(2, 1)
    :: REPORT(2, 2) -> consume(2, 2)
    :: REPORT(3, 1) -> consume(3, 1)
    :: REPORT(3, 2) -> consume(3, 2)
    od
}

active proctype Reconciler() {
    byte a;
end:
    do
    :: atomic { open && !outbox && !IN_REDIS && !job[attempt] -> BEFORE; outbox = true; claimed = false; AFTER;
           STEP("send_again", attempt, 0) }
    :: atomic { open && !outbox && !IN_REDIS && job[attempt] -> a = attempt; STEP("find_abandoned", a, 0) };
       atomic { BEFORE; requeue(a); AFTER; STEP("return", a, 0) };
       if
       :: atomic { /* the script REVOKE */
              if
              :: lease_attempt > a
              :: else -> lease_attempt = a + 1; lease_worker = NOBODY
              fi;
              remove_job(a); STEP("revoke", a, 0) }
       :: skip
       fi
    od
}

active proctype Chaos() {
    byte i;
end:
    do
#ifdef COPY
    :: atomic { !has_copy && attempt > 0 && losses < LOSSES -> has_copy = true;
           for (i : 0 .. 4) { old_waiting[i] = waiting[i]; old_popped[i] = popped[i]; old_job[i] = job[i] };
           for (i : 0 .. 14) { old_report[i] = report[i] };
           old_lease_attempt = lease_attempt; old_lease_worker = lease_worker; STEP("save", 0, 0) }
    :: atomic { has_copy && losses < LOSSES -> losses = losses + 1; has_copy = false;
           for (i : 0 .. 4) { waiting[i] = old_waiting[i]; popped[i] = old_popped[i]; job[i] = old_job[i];
               old_waiting[i] = false; old_popped[i] = false; old_job[i] = false };
           for (i : 0 .. 14) { report[i] = old_report[i]; old_report[i] = false };
           lease_attempt = old_lease_attempt; lease_worker = old_lease_worker;
           old_lease_attempt = 0; old_lease_worker = NOBODY; STEP("restore", 0, 0) }
#endif
    :: atomic { losses < LOSSES && attempt > 0 -> losses = losses + 1; forget_redis(); STEP("lose_redis", 0, 0) }
    od
}

/* When nothing can go on, everything has ended, and no job is left that somebody would judge. */
active proctype Monitor() {
    timeout;
    assert(attempt > 0 && !open && !outbox);
    assert(cancelled || failed || has_verdict);
    assert(!(cancelled && has_verdict));
    assert(!waiting[1] && !waiting[2] && !waiting[3]);
    assert(!REPORTED)
}

init { atomic { run Worker(1); run Worker(2) } }

/* Every repair ends: from some moment on nothing waits for a verdict (with weak fairness). */
ltl ends { <> [] (attempt > 0 && !open) }
