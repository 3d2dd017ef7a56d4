byte attempt = 0;
byte open = 0;
byte outbox = 0;
byte claimed = 0;
byte verdict = 0;
byte cancelled = 0;
byte failed = 0;
byte records = 0;
byte owed = 0;
byte given_up = 0;
byte rejudged = 0;
byte client_left = 0;
byte faults = 0;
byte waiting1 = 0;
byte job1 = 0;
byte waiting2 = 0;
byte job2 = 0;
byte lease_attempt = 0;
byte lease_worker = 0;
byte report1_1 = 0;
byte report1_2 = 0;
byte report2_1 = 0;
byte report2_2 = 0;
byte api = 0;
byte consumer = 0;
byte consumer_phase = 0;
byte reconciler = 0;
byte repair = 0;
byte canceller = 0;
byte canceller_phase = 0;
byte late_send = 0;
byte late_finish = 0;
byte relay1 = 0;
byte sent1 = 0;
byte judging1 = 0;
byte leased1 = 0;
byte judging2 = 0;
byte leased2 = 0;
hidden byte was_attempt;
hidden byte was_verdict;
hidden byte was_cancelled;
hidden byte was_failed;

active proctype Installation() {
    do
    :: d_step { attempt == 0 -> /* accept */
        was_attempt = attempt;
        was_verdict = verdict;
        was_cancelled = cancelled;
        was_failed = failed;
        attempt = 1;
        open = 1;
        outbox = 1;
        owed = 1;
        assert(attempt >= was_attempt);
        assert(verdict >= was_verdict);
        assert(cancelled >= was_cancelled);
        assert(failed >= was_failed);
        assert(records <= owed);
        assert(!(cancelled == 1 && verdict == 1));
        assert(!(cancelled == 1 && open == 1));
        assert((verdict == 1) == (records > 0));
        assert(open == 1 || outbox == 0);
        }
    :: d_step { attempt == 0 -> /* accept and send */
        was_attempt = attempt;
        was_verdict = verdict;
        was_cancelled = cancelled;
        was_failed = failed;
        attempt = 1;
        open = 1;
        outbox = 1;
        owed = 1;
        claimed = 2;
        api = 1;
        assert(attempt >= was_attempt);
        assert(verdict >= was_verdict);
        assert(cancelled >= was_cancelled);
        assert(failed >= was_failed);
        assert(records <= owed);
        assert(!(cancelled == 1 && verdict == 1));
        assert(!(cancelled == 1 && open == 1));
        assert((verdict == 1) == (records > 0));
        assert(open == 1 || outbox == 0);
        }
    :: d_step { client_left == 0 && open == 1 && verdict == 0 && canceller == 0 -> /* cancel */
        was_attempt = attempt;
        was_verdict = verdict;
        was_cancelled = cancelled;
        was_failed = failed;
        cancelled = 1;
        open = 0;
        outbox = 0;
        claimed = 0;
        canceller = attempt;
        canceller_phase = 1;
        assert(attempt >= was_attempt);
        assert(verdict >= was_verdict);
        assert(cancelled >= was_cancelled);
        assert(failed >= was_failed);
        assert(records <= owed);
        assert(!(cancelled == 1 && verdict == 1));
        assert(!(cancelled == 1 && open == 1));
        assert((verdict == 1) == (records > 0));
        assert(open == 1 || outbox == 0);
        }
    :: d_step { canceller_phase == 1 -> /* cancel: lease */
        was_attempt = attempt;
        was_verdict = verdict;
        was_cancelled = cancelled;
        was_failed = failed;
        lease_attempt = 4;
        lease_worker = 0;
        canceller_phase = 2;
        assert(attempt >= was_attempt);
        assert(verdict >= was_verdict);
        assert(cancelled >= was_cancelled);
        assert(failed >= was_failed);
        assert(records <= owed);
        assert(!(cancelled == 1 && verdict == 1));
        assert(!(cancelled == 1 && open == 1));
        assert((verdict == 1) == (records > 0));
        assert(open == 1 || outbox == 0);
        }
    :: d_step { canceller_phase == 2 && canceller == 1 -> /* cancel: job 1 */
        was_attempt = attempt;
        was_verdict = verdict;
        was_cancelled = cancelled;
        was_failed = failed;
        waiting1 = 0;
        job1 = 0;
        canceller = 0;
        canceller_phase = 0;
        assert(attempt >= was_attempt);
        assert(verdict >= was_verdict);
        assert(cancelled >= was_cancelled);
        assert(failed >= was_failed);
        assert(records <= owed);
        assert(!(cancelled == 1 && verdict == 1));
        assert(!(cancelled == 1 && open == 1));
        assert((verdict == 1) == (records > 0));
        assert(open == 1 || outbox == 0);
        }
    :: d_step { canceller_phase == 2 && canceller == 2 -> /* cancel: job 2 */
        was_attempt = attempt;
        was_verdict = verdict;
        was_cancelled = cancelled;
        was_failed = failed;
        waiting2 = 0;
        job2 = 0;
        canceller = 0;
        canceller_phase = 0;
        assert(attempt >= was_attempt);
        assert(verdict >= was_verdict);
        assert(cancelled >= was_cancelled);
        assert(failed >= was_failed);
        assert(records <= owed);
        assert(!(cancelled == 1 && verdict == 1));
        assert(!(cancelled == 1 && open == 1));
        assert((verdict == 1) == (records > 0));
        assert(open == 1 || outbox == 0);
        }
    :: d_step { faults < 2 && canceller != 0 -> /* cancel: Redis away */
        was_attempt = attempt;
        was_verdict = verdict;
        was_cancelled = cancelled;
        was_failed = failed;
        faults = faults + 1;
        canceller = 0;
        canceller_phase = 0;
        assert(attempt >= was_attempt);
        assert(verdict >= was_verdict);
        assert(cancelled >= was_cancelled);
        assert(failed >= was_failed);
        assert(records <= owed);
        assert(!(cancelled == 1 && verdict == 1));
        assert(!(cancelled == 1 && open == 1));
        assert((verdict == 1) == (records > 0));
        assert(open == 1 || outbox == 0);
        }
    :: d_step { client_left == 0 && attempt < 2 && open == 0 && verdict == 1 && rejudged < 1 -> /* rejudge */
        was_attempt = attempt;
        was_verdict = verdict;
        was_cancelled = cancelled;
        was_failed = failed;
        attempt = attempt + 1;
        open = 1;
        outbox = 1;
        claimed = 0;
        owed = owed + 1;
        rejudged = rejudged + 1;
        assert(attempt >= was_attempt);
        assert(verdict >= was_verdict);
        assert(cancelled >= was_cancelled);
        assert(failed >= was_failed);
        assert(records <= owed);
        assert(!(cancelled == 1 && verdict == 1));
        assert(!(cancelled == 1 && open == 1));
        assert((verdict == 1) == (records > 0));
        assert(open == 1 || outbox == 0);
        }
    :: d_step { attempt > 0 && client_left == 0 -> /* the client leaves */
        was_attempt = attempt;
        was_verdict = verdict;
        was_cancelled = cancelled;
        was_failed = failed;
        client_left = 1;
        assert(attempt >= was_attempt);
        assert(verdict >= was_verdict);
        assert(cancelled >= was_cancelled);
        assert(failed >= was_failed);
        assert(records <= owed);
        assert(!(cancelled == 1 && verdict == 1));
        assert(!(cancelled == 1 && open == 1));
        assert((verdict == 1) == (records > 0));
        assert(open == 1 || outbox == 0);
        }
    :: d_step { api == 1 -> /* api: send */
        was_attempt = attempt;
        was_verdict = verdict;
        was_cancelled = cancelled;
        was_failed = failed;
        if :: job1 == 0 -> job1 = 1; waiting1 = 1 :: else fi;
        api = 0;
        assert(attempt >= was_attempt);
        assert(verdict >= was_verdict);
        assert(cancelled >= was_cancelled);
        assert(failed >= was_failed);
        assert(records <= owed);
        assert(!(cancelled == 1 && verdict == 1));
        assert(!(cancelled == 1 && open == 1));
        assert((verdict == 1) == (records > 0));
        assert(open == 1 || outbox == 0);
        }
    :: d_step { faults < 2 && api == 1 && late_send == 0 -> /* api: send twice */
        was_attempt = attempt;
        was_verdict = verdict;
        was_cancelled = cancelled;
        was_failed = failed;
        faults = faults + 1;
        if :: job1 == 0 -> job1 = 1; waiting1 = 1 :: else fi;
        late_send = 1;
        api = 0;
        assert(attempt >= was_attempt);
        assert(verdict >= was_verdict);
        assert(cancelled >= was_cancelled);
        assert(failed >= was_failed);
        assert(records <= owed);
        assert(!(cancelled == 1 && verdict == 1));
        assert(!(cancelled == 1 && open == 1));
        assert((verdict == 1) == (records > 0));
        assert(open == 1 || outbox == 0);
        }
    :: d_step { faults < 2 && api == 1 && late_send == 0 -> /* api: send late */
        was_attempt = attempt;
        was_verdict = verdict;
        was_cancelled = cancelled;
        was_failed = failed;
        faults = faults + 1;
        late_send = 1;
        api = 0;
        if :: outbox == 1 -> claimed = 0 :: else fi;
        assert(attempt >= was_attempt);
        assert(verdict >= was_verdict);
        assert(cancelled >= was_cancelled);
        assert(failed >= was_failed);
        assert(records <= owed);
        assert(!(cancelled == 1 && verdict == 1));
        assert(!(cancelled == 1 && open == 1));
        assert((verdict == 1) == (records > 0));
        assert(open == 1 || outbox == 0);
        }
    :: d_step { faults < 2 && api == 1 -> /* api: Redis away */
        was_attempt = attempt;
        was_verdict = verdict;
        was_cancelled = cancelled;
        was_failed = failed;
        faults = faults + 1;
        api = 0;
        if :: outbox == 1 -> claimed = 0 :: else fi;
        assert(attempt >= was_attempt);
        assert(verdict >= was_verdict);
        assert(cancelled >= was_cancelled);
        assert(failed >= was_failed);
        assert(records <= owed);
        assert(!(cancelled == 1 && verdict == 1));
        assert(!(cancelled == 1 && open == 1));
        assert((verdict == 1) == (records > 0));
        assert(open == 1 || outbox == 0);
        }
    :: d_step { faults < 2 && api == 1 -> /* api: die */
        was_attempt = attempt;
        was_verdict = verdict;
        was_cancelled = cancelled;
        was_failed = failed;
        faults = faults + 1;
        api = 0;
        assert(attempt >= was_attempt);
        assert(verdict >= was_verdict);
        assert(cancelled >= was_cancelled);
        assert(failed >= was_failed);
        assert(records <= owed);
        assert(!(cancelled == 1 && verdict == 1));
        assert(!(cancelled == 1 && open == 1));
        assert((verdict == 1) == (records > 0));
        assert(open == 1 || outbox == 0);
        }
    :: d_step { claimed == 2 && api == 0 -> /* api: claim over */
        was_attempt = attempt;
        was_verdict = verdict;
        was_cancelled = cancelled;
        was_failed = failed;
        claimed = 0;
        assert(attempt >= was_attempt);
        assert(verdict >= was_verdict);
        assert(cancelled >= was_cancelled);
        assert(failed >= was_failed);
        assert(records <= owed);
        assert(!(cancelled == 1 && verdict == 1));
        assert(!(cancelled == 1 && open == 1));
        assert((verdict == 1) == (records > 0));
        assert(open == 1 || outbox == 0);
        }
    :: d_step { faults < 2 && claimed == 2 && api == 1 -> /* api: claim over early */
        was_attempt = attempt;
        was_verdict = verdict;
        was_cancelled = cancelled;
        was_failed = failed;
        faults = faults + 1;
        claimed = 0;
        assert(attempt >= was_attempt);
        assert(verdict >= was_verdict);
        assert(cancelled >= was_cancelled);
        assert(failed >= was_failed);
        assert(records <= owed);
        assert(!(cancelled == 1 && verdict == 1));
        assert(!(cancelled == 1 && open == 1));
        assert((verdict == 1) == (records > 0));
        assert(open == 1 || outbox == 0);
        }
    :: d_step { outbox == 1 && claimed == 0 && relay1 == 0 -> /* relay 1: claim */
        was_attempt = attempt;
        was_verdict = verdict;
        was_cancelled = cancelled;
        was_failed = failed;
        claimed = 1;
        relay1 = attempt;
        assert(attempt >= was_attempt);
        assert(verdict >= was_verdict);
        assert(cancelled >= was_cancelled);
        assert(failed >= was_failed);
        assert(records <= owed);
        assert(!(cancelled == 1 && verdict == 1));
        assert(!(cancelled == 1 && open == 1));
        assert((verdict == 1) == (records > 0));
        assert(open == 1 || outbox == 0);
        }
    :: d_step { relay1 == 1 && sent1 == 0 -> /* relay 1: send 1 */
        was_attempt = attempt;
        was_verdict = verdict;
        was_cancelled = cancelled;
        was_failed = failed;
        if :: job1 == 0 -> job1 = 1; waiting1 = 1 :: else fi;
        sent1 = 1;
        assert(attempt >= was_attempt);
        assert(verdict >= was_verdict);
        assert(cancelled >= was_cancelled);
        assert(failed >= was_failed);
        assert(records <= owed);
        assert(!(cancelled == 1 && verdict == 1));
        assert(!(cancelled == 1 && open == 1));
        assert((verdict == 1) == (records > 0));
        assert(open == 1 || outbox == 0);
        }
    :: d_step { faults < 2 && relay1 == 1 && sent1 == 0 && late_send == 0 -> /* relay 1: send 1 twice */
        was_attempt = attempt;
        was_verdict = verdict;
        was_cancelled = cancelled;
        was_failed = failed;
        faults = faults + 1;
        if :: job1 == 0 -> job1 = 1; waiting1 = 1 :: else fi;
        late_send = 1;
        sent1 = 1;
        assert(attempt >= was_attempt);
        assert(verdict >= was_verdict);
        assert(cancelled >= was_cancelled);
        assert(failed >= was_failed);
        assert(records <= owed);
        assert(!(cancelled == 1 && verdict == 1));
        assert(!(cancelled == 1 && open == 1));
        assert((verdict == 1) == (records > 0));
        assert(open == 1 || outbox == 0);
        }
    :: d_step { faults < 2 && relay1 == 1 && sent1 == 0 && late_send == 0 -> /* relay 1: send 1 late */
        was_attempt = attempt;
        was_verdict = verdict;
        was_cancelled = cancelled;
        was_failed = failed;
        faults = faults + 1;
        late_send = 1;
        relay1 = 0;
        sent1 = 0;
        if :: outbox == 1 -> claimed = 0 :: else fi;
        assert(attempt >= was_attempt);
        assert(verdict >= was_verdict);
        assert(cancelled >= was_cancelled);
        assert(failed >= was_failed);
        assert(records <= owed);
        assert(!(cancelled == 1 && verdict == 1));
        assert(!(cancelled == 1 && open == 1));
        assert((verdict == 1) == (records > 0));
        assert(open == 1 || outbox == 0);
        }
    :: d_step { faults < 2 && relay1 == 1 && sent1 == 0 -> /* relay 1: Redis away for 1 */
        was_attempt = attempt;
        was_verdict = verdict;
        was_cancelled = cancelled;
        was_failed = failed;
        faults = faults + 1;
        relay1 = 0;
        sent1 = 0;
        if :: outbox == 1 -> claimed = 0 :: else fi;
        assert(attempt >= was_attempt);
        assert(verdict >= was_verdict);
        assert(cancelled >= was_cancelled);
        assert(failed >= was_failed);
        assert(records <= owed);
        assert(!(cancelled == 1 && verdict == 1));
        assert(!(cancelled == 1 && open == 1));
        assert((verdict == 1) == (records > 0));
        assert(open == 1 || outbox == 0);
        }
    :: d_step { relay1 == 1 && sent1 == 1 -> /* relay 1: mark 1 sent */
        was_attempt = attempt;
        was_verdict = verdict;
        was_cancelled = cancelled;
        was_failed = failed;
        if :: attempt == 1 -> outbox = 0; claimed = 0 :: else fi;
        relay1 = 0;
        sent1 = 0;
        assert(attempt >= was_attempt);
        assert(verdict >= was_verdict);
        assert(cancelled >= was_cancelled);
        assert(failed >= was_failed);
        assert(records <= owed);
        assert(!(cancelled == 1 && verdict == 1));
        assert(!(cancelled == 1 && open == 1));
        assert((verdict == 1) == (records > 0));
        assert(open == 1 || outbox == 0);
        }
    :: d_step { relay1 == 2 && sent1 == 0 -> /* relay 1: send 2 */
        was_attempt = attempt;
        was_verdict = verdict;
        was_cancelled = cancelled;
        was_failed = failed;
        if :: job2 == 0 -> job2 = 1; waiting2 = 1 :: else fi;
        sent1 = 1;
        assert(attempt >= was_attempt);
        assert(verdict >= was_verdict);
        assert(cancelled >= was_cancelled);
        assert(failed >= was_failed);
        assert(records <= owed);
        assert(!(cancelled == 1 && verdict == 1));
        assert(!(cancelled == 1 && open == 1));
        assert((verdict == 1) == (records > 0));
        assert(open == 1 || outbox == 0);
        }
    :: d_step { faults < 2 && relay1 == 2 && sent1 == 0 && late_send == 0 -> /* relay 1: send 2 twice */
        was_attempt = attempt;
        was_verdict = verdict;
        was_cancelled = cancelled;
        was_failed = failed;
        faults = faults + 1;
        if :: job2 == 0 -> job2 = 1; waiting2 = 1 :: else fi;
        late_send = 2;
        sent1 = 1;
        assert(attempt >= was_attempt);
        assert(verdict >= was_verdict);
        assert(cancelled >= was_cancelled);
        assert(failed >= was_failed);
        assert(records <= owed);
        assert(!(cancelled == 1 && verdict == 1));
        assert(!(cancelled == 1 && open == 1));
        assert((verdict == 1) == (records > 0));
        assert(open == 1 || outbox == 0);
        }
    :: d_step { faults < 2 && relay1 == 2 && sent1 == 0 && late_send == 0 -> /* relay 1: send 2 late */
        was_attempt = attempt;
        was_verdict = verdict;
        was_cancelled = cancelled;
        was_failed = failed;
        faults = faults + 1;
        late_send = 2;
        relay1 = 0;
        sent1 = 0;
        if :: outbox == 1 -> claimed = 0 :: else fi;
        assert(attempt >= was_attempt);
        assert(verdict >= was_verdict);
        assert(cancelled >= was_cancelled);
        assert(failed >= was_failed);
        assert(records <= owed);
        assert(!(cancelled == 1 && verdict == 1));
        assert(!(cancelled == 1 && open == 1));
        assert((verdict == 1) == (records > 0));
        assert(open == 1 || outbox == 0);
        }
    :: d_step { faults < 2 && relay1 == 2 && sent1 == 0 -> /* relay 1: Redis away for 2 */
        was_attempt = attempt;
        was_verdict = verdict;
        was_cancelled = cancelled;
        was_failed = failed;
        faults = faults + 1;
        relay1 = 0;
        sent1 = 0;
        if :: outbox == 1 -> claimed = 0 :: else fi;
        assert(attempt >= was_attempt);
        assert(verdict >= was_verdict);
        assert(cancelled >= was_cancelled);
        assert(failed >= was_failed);
        assert(records <= owed);
        assert(!(cancelled == 1 && verdict == 1));
        assert(!(cancelled == 1 && open == 1));
        assert((verdict == 1) == (records > 0));
        assert(open == 1 || outbox == 0);
        }
    :: d_step { relay1 == 2 && sent1 == 1 -> /* relay 1: mark 2 sent */
        was_attempt = attempt;
        was_verdict = verdict;
        was_cancelled = cancelled;
        was_failed = failed;
        if :: attempt == 2 -> outbox = 0; claimed = 0 :: else fi;
        relay1 = 0;
        sent1 = 0;
        assert(attempt >= was_attempt);
        assert(verdict >= was_verdict);
        assert(cancelled >= was_cancelled);
        assert(failed >= was_failed);
        assert(records <= owed);
        assert(!(cancelled == 1 && verdict == 1));
        assert(!(cancelled == 1 && open == 1));
        assert((verdict == 1) == (records > 0));
        assert(open == 1 || outbox == 0);
        }
    :: d_step { faults < 2 && relay1 != 0 -> /* relay 1: die */
        was_attempt = attempt;
        was_verdict = verdict;
        was_cancelled = cancelled;
        was_failed = failed;
        faults = faults + 1;
        relay1 = 0;
        sent1 = 0;
        assert(attempt >= was_attempt);
        assert(verdict >= was_verdict);
        assert(cancelled >= was_cancelled);
        assert(failed >= was_failed);
        assert(records <= owed);
        assert(!(cancelled == 1 && verdict == 1));
        assert(!(cancelled == 1 && open == 1));
        assert((verdict == 1) == (records > 0));
        assert(open == 1 || outbox == 0);
        }
    :: d_step { claimed == 1 && relay1 == 0 -> /* relay 1: claim over */
        was_attempt = attempt;
        was_verdict = verdict;
        was_cancelled = cancelled;
        was_failed = failed;
        claimed = 0;
        assert(attempt >= was_attempt);
        assert(verdict >= was_verdict);
        assert(cancelled >= was_cancelled);
        assert(failed >= was_failed);
        assert(records <= owed);
        assert(!(cancelled == 1 && verdict == 1));
        assert(!(cancelled == 1 && open == 1));
        assert((verdict == 1) == (records > 0));
        assert(open == 1 || outbox == 0);
        }
    :: d_step { faults < 2 && claimed == 1 && relay1 != 0 -> /* relay 1: claim over early */
        was_attempt = attempt;
        was_verdict = verdict;
        was_cancelled = cancelled;
        was_failed = failed;
        faults = faults + 1;
        claimed = 0;
        assert(attempt >= was_attempt);
        assert(verdict >= was_verdict);
        assert(cancelled >= was_cancelled);
        assert(failed >= was_failed);
        assert(records <= owed);
        assert(!(cancelled == 1 && verdict == 1));
        assert(!(cancelled == 1 && open == 1));
        assert((verdict == 1) == (records > 0));
        assert(open == 1 || outbox == 0);
        }
    :: d_step { judging1 == 0 && waiting1 == 1 -> /* worker 1: pop 1 */
        was_attempt = attempt;
        was_verdict = verdict;
        was_cancelled = cancelled;
        was_failed = failed;
        waiting1 = 0;
        judging1 = 1;
        assert(attempt >= was_attempt);
        assert(verdict >= was_verdict);
        assert(cancelled >= was_cancelled);
        assert(failed >= was_failed);
        assert(records <= owed);
        assert(!(cancelled == 1 && verdict == 1));
        assert(!(cancelled == 1 && open == 1));
        assert((verdict == 1) == (records > 0));
        assert(open == 1 || outbox == 0);
        }
    :: d_step { judging1 == 1 && leased1 == 0 && job1 == 0 -> /* worker 1: 1 is gone */
        was_attempt = attempt;
        was_verdict = verdict;
        was_cancelled = cancelled;
        was_failed = failed;
        judging1 = 0;
        assert(attempt >= was_attempt);
        assert(verdict >= was_verdict);
        assert(cancelled >= was_cancelled);
        assert(failed >= was_failed);
        assert(records <= owed);
        assert(!(cancelled == 1 && verdict == 1));
        assert(!(cancelled == 1 && open == 1));
        assert((verdict == 1) == (records > 0));
        assert(open == 1 || outbox == 0);
        }
    :: d_step { judging1 == 1 && leased1 == 0 && job1 != 0 && (lease_attempt > 1 || (lease_attempt == 1 && lease_worker != 0 && lease_worker != 1)) -> /* worker 1: 1 refused */
        was_attempt = attempt;
        was_verdict = verdict;
        was_cancelled = cancelled;
        was_failed = failed;
        judging1 = 0;
        job1 = 2;
        assert(attempt >= was_attempt);
        assert(verdict >= was_verdict);
        assert(cancelled >= was_cancelled);
        assert(failed >= was_failed);
        assert(records <= owed);
        assert(!(cancelled == 1 && verdict == 1));
        assert(!(cancelled == 1 && open == 1));
        assert((verdict == 1) == (records > 0));
        assert(open == 1 || outbox == 0);
        }
    :: d_step { judging1 == 1 && leased1 == 0 && job1 != 0 && !(lease_attempt > 1 || (lease_attempt == 1 && lease_worker != 0 && lease_worker != 1)) -> /* worker 1: lease 1 */
        was_attempt = attempt;
        was_verdict = verdict;
        was_cancelled = cancelled;
        was_failed = failed;
        lease_attempt = 1;
        lease_worker = 1;
        leased1 = 1;
        job1 = 2;
        assert(attempt >= was_attempt);
        assert(verdict >= was_verdict);
        assert(cancelled >= was_cancelled);
        assert(failed >= was_failed);
        assert(records <= owed);
        assert(!(cancelled == 1 && verdict == 1));
        assert(!(cancelled == 1 && open == 1));
        assert((verdict == 1) == (records > 0));
        assert(open == 1 || outbox == 0);
        }
    :: d_step { judging1 == 1 && leased1 == 1 && lease_attempt == 0 -> /* worker 1: renew 1 */
        was_attempt = attempt;
        was_verdict = verdict;
        was_cancelled = cancelled;
        was_failed = failed;
        lease_attempt = 1;
        lease_worker = 1;
        assert(attempt >= was_attempt);
        assert(verdict >= was_verdict);
        assert(cancelled >= was_cancelled);
        assert(failed >= was_failed);
        assert(records <= owed);
        assert(!(cancelled == 1 && verdict == 1));
        assert(!(cancelled == 1 && open == 1));
        assert((verdict == 1) == (records > 0));
        assert(open == 1 || outbox == 0);
        }
    :: d_step { judging1 == 1 && leased1 == 1 && lease_attempt != 0 && !(lease_attempt == 1 && lease_worker == 1) -> /* worker 1: lost 1 */
        was_attempt = attempt;
        was_verdict = verdict;
        was_cancelled = cancelled;
        was_failed = failed;
        judging1 = 0;
        leased1 = 0;
        if :: job1 != 0 -> job1 = 2 :: else fi;
        assert(attempt >= was_attempt);
        assert(verdict >= was_verdict);
        assert(cancelled >= was_cancelled);
        assert(failed >= was_failed);
        assert(records <= owed);
        assert(!(cancelled == 1 && verdict == 1));
        assert(!(cancelled == 1 && open == 1));
        assert((verdict == 1) == (records > 0));
        assert(open == 1 || outbox == 0);
        }
    :: d_step { judging1 == 1 && leased1 == 1 && (lease_attempt == 0 || (lease_attempt == 1 && lease_worker == 1)) -> /* worker 1: finish 1 */
        assert(lease_attempt == 0 || (lease_attempt == 1 && lease_worker == 1));
        was_attempt = attempt;
        was_verdict = verdict;
        was_cancelled = cancelled;
        was_failed = failed;
        if :: report1_1 < 4 -> report1_1 = report1_1 + 1 :: else fi;
        lease_attempt = 0;
        lease_worker = 0;
        job1 = 0;
        judging1 = 0;
        leased1 = 0;
        assert(attempt >= was_attempt);
        assert(verdict >= was_verdict);
        assert(cancelled >= was_cancelled);
        assert(failed >= was_failed);
        assert(records <= owed);
        assert(!(cancelled == 1 && verdict == 1));
        assert(!(cancelled == 1 && open == 1));
        assert((verdict == 1) == (records > 0));
        assert(open == 1 || outbox == 0);
        }
    :: d_step { faults < 2 && late_finish == 0 && judging1 == 1 && leased1 == 1 && (lease_attempt == 0 || (lease_attempt == 1 && lease_worker == 1)) -> /* worker 1: finish 1 twice */
        assert(lease_attempt == 0 || (lease_attempt == 1 && lease_worker == 1));
        was_attempt = attempt;
        was_verdict = verdict;
        was_cancelled = cancelled;
        was_failed = failed;
        faults = faults + 1;
        if :: report1_1 < 4 -> report1_1 = report1_1 + 1 :: else fi;
        lease_attempt = 0;
        lease_worker = 0;
        job1 = 0;
        judging1 = 0;
        leased1 = 0;
        late_finish = 1;
        assert(attempt >= was_attempt);
        assert(verdict >= was_verdict);
        assert(cancelled >= was_cancelled);
        assert(failed >= was_failed);
        assert(records <= owed);
        assert(!(cancelled == 1 && verdict == 1));
        assert(!(cancelled == 1 && open == 1));
        assert((verdict == 1) == (records > 0));
        assert(open == 1 || outbox == 0);
        }
    :: d_step { judging1 == 0 && waiting2 == 1 -> /* worker 1: pop 2 */
        was_attempt = attempt;
        was_verdict = verdict;
        was_cancelled = cancelled;
        was_failed = failed;
        waiting2 = 0;
        judging1 = 2;
        assert(attempt >= was_attempt);
        assert(verdict >= was_verdict);
        assert(cancelled >= was_cancelled);
        assert(failed >= was_failed);
        assert(records <= owed);
        assert(!(cancelled == 1 && verdict == 1));
        assert(!(cancelled == 1 && open == 1));
        assert((verdict == 1) == (records > 0));
        assert(open == 1 || outbox == 0);
        }
    :: d_step { judging1 == 2 && leased1 == 0 && job2 == 0 -> /* worker 1: 2 is gone */
        was_attempt = attempt;
        was_verdict = verdict;
        was_cancelled = cancelled;
        was_failed = failed;
        judging1 = 0;
        assert(attempt >= was_attempt);
        assert(verdict >= was_verdict);
        assert(cancelled >= was_cancelled);
        assert(failed >= was_failed);
        assert(records <= owed);
        assert(!(cancelled == 1 && verdict == 1));
        assert(!(cancelled == 1 && open == 1));
        assert((verdict == 1) == (records > 0));
        assert(open == 1 || outbox == 0);
        }
    :: d_step { judging1 == 2 && leased1 == 0 && job2 != 0 && (lease_attempt > 2 || (lease_attempt == 2 && lease_worker != 0 && lease_worker != 1)) -> /* worker 1: 2 refused */
        was_attempt = attempt;
        was_verdict = verdict;
        was_cancelled = cancelled;
        was_failed = failed;
        judging1 = 0;
        job2 = 2;
        assert(attempt >= was_attempt);
        assert(verdict >= was_verdict);
        assert(cancelled >= was_cancelled);
        assert(failed >= was_failed);
        assert(records <= owed);
        assert(!(cancelled == 1 && verdict == 1));
        assert(!(cancelled == 1 && open == 1));
        assert((verdict == 1) == (records > 0));
        assert(open == 1 || outbox == 0);
        }
    :: d_step { judging1 == 2 && leased1 == 0 && job2 != 0 && !(lease_attempt > 2 || (lease_attempt == 2 && lease_worker != 0 && lease_worker != 1)) -> /* worker 1: lease 2 */
        was_attempt = attempt;
        was_verdict = verdict;
        was_cancelled = cancelled;
        was_failed = failed;
        lease_attempt = 2;
        lease_worker = 1;
        leased1 = 1;
        job2 = 2;
        assert(attempt >= was_attempt);
        assert(verdict >= was_verdict);
        assert(cancelled >= was_cancelled);
        assert(failed >= was_failed);
        assert(records <= owed);
        assert(!(cancelled == 1 && verdict == 1));
        assert(!(cancelled == 1 && open == 1));
        assert((verdict == 1) == (records > 0));
        assert(open == 1 || outbox == 0);
        }
    :: d_step { judging1 == 2 && leased1 == 1 && lease_attempt == 0 -> /* worker 1: renew 2 */
        was_attempt = attempt;
        was_verdict = verdict;
        was_cancelled = cancelled;
        was_failed = failed;
        lease_attempt = 2;
        lease_worker = 1;
        assert(attempt >= was_attempt);
        assert(verdict >= was_verdict);
        assert(cancelled >= was_cancelled);
        assert(failed >= was_failed);
        assert(records <= owed);
        assert(!(cancelled == 1 && verdict == 1));
        assert(!(cancelled == 1 && open == 1));
        assert((verdict == 1) == (records > 0));
        assert(open == 1 || outbox == 0);
        }
    :: d_step { judging1 == 2 && leased1 == 1 && lease_attempt != 0 && !(lease_attempt == 2 && lease_worker == 1) -> /* worker 1: lost 2 */
        was_attempt = attempt;
        was_verdict = verdict;
        was_cancelled = cancelled;
        was_failed = failed;
        judging1 = 0;
        leased1 = 0;
        if :: job2 != 0 -> job2 = 2 :: else fi;
        assert(attempt >= was_attempt);
        assert(verdict >= was_verdict);
        assert(cancelled >= was_cancelled);
        assert(failed >= was_failed);
        assert(records <= owed);
        assert(!(cancelled == 1 && verdict == 1));
        assert(!(cancelled == 1 && open == 1));
        assert((verdict == 1) == (records > 0));
        assert(open == 1 || outbox == 0);
        }
    :: d_step { judging1 == 2 && leased1 == 1 && (lease_attempt == 0 || (lease_attempt == 2 && lease_worker == 1)) -> /* worker 1: finish 2 */
        assert(lease_attempt == 0 || (lease_attempt == 2 && lease_worker == 1));
        was_attempt = attempt;
        was_verdict = verdict;
        was_cancelled = cancelled;
        was_failed = failed;
        if :: report2_1 < 4 -> report2_1 = report2_1 + 1 :: else fi;
        lease_attempt = 0;
        lease_worker = 0;
        job2 = 0;
        judging1 = 0;
        leased1 = 0;
        assert(attempt >= was_attempt);
        assert(verdict >= was_verdict);
        assert(cancelled >= was_cancelled);
        assert(failed >= was_failed);
        assert(records <= owed);
        assert(!(cancelled == 1 && verdict == 1));
        assert(!(cancelled == 1 && open == 1));
        assert((verdict == 1) == (records > 0));
        assert(open == 1 || outbox == 0);
        }
    :: d_step { faults < 2 && late_finish == 0 && judging1 == 2 && leased1 == 1 && (lease_attempt == 0 || (lease_attempt == 2 && lease_worker == 1)) -> /* worker 1: finish 2 twice */
        assert(lease_attempt == 0 || (lease_attempt == 2 && lease_worker == 1));
        was_attempt = attempt;
        was_verdict = verdict;
        was_cancelled = cancelled;
        was_failed = failed;
        faults = faults + 1;
        if :: report2_1 < 4 -> report2_1 = report2_1 + 1 :: else fi;
        lease_attempt = 0;
        lease_worker = 0;
        job2 = 0;
        judging1 = 0;
        leased1 = 0;
        late_finish = 3;
        assert(attempt >= was_attempt);
        assert(verdict >= was_verdict);
        assert(cancelled >= was_cancelled);
        assert(failed >= was_failed);
        assert(records <= owed);
        assert(!(cancelled == 1 && verdict == 1));
        assert(!(cancelled == 1 && open == 1));
        assert((verdict == 1) == (records > 0));
        assert(open == 1 || outbox == 0);
        }
    :: d_step { faults < 2 && judging1 != 0 && judging1 != 3 && (judging2 != 3) -> /* worker 1: die */
        was_attempt = attempt;
        was_verdict = verdict;
        was_cancelled = cancelled;
        was_failed = failed;
        faults = faults + 1;
        judging1 = 3;
        leased1 = 0;
        assert(attempt >= was_attempt);
        assert(verdict >= was_verdict);
        assert(cancelled >= was_cancelled);
        assert(failed >= was_failed);
        assert(records <= owed);
        assert(!(cancelled == 1 && verdict == 1));
        assert(!(cancelled == 1 && open == 1));
        assert((verdict == 1) == (records > 0));
        assert(open == 1 || outbox == 0);
        }
    :: d_step { judging2 == 0 && waiting1 == 1 -> /* worker 2: pop 1 */
        was_attempt = attempt;
        was_verdict = verdict;
        was_cancelled = cancelled;
        was_failed = failed;
        waiting1 = 0;
        judging2 = 1;
        assert(attempt >= was_attempt);
        assert(verdict >= was_verdict);
        assert(cancelled >= was_cancelled);
        assert(failed >= was_failed);
        assert(records <= owed);
        assert(!(cancelled == 1 && verdict == 1));
        assert(!(cancelled == 1 && open == 1));
        assert((verdict == 1) == (records > 0));
        assert(open == 1 || outbox == 0);
        }
    :: d_step { judging2 == 1 && leased2 == 0 && job1 == 0 -> /* worker 2: 1 is gone */
        was_attempt = attempt;
        was_verdict = verdict;
        was_cancelled = cancelled;
        was_failed = failed;
        judging2 = 0;
        assert(attempt >= was_attempt);
        assert(verdict >= was_verdict);
        assert(cancelled >= was_cancelled);
        assert(failed >= was_failed);
        assert(records <= owed);
        assert(!(cancelled == 1 && verdict == 1));
        assert(!(cancelled == 1 && open == 1));
        assert((verdict == 1) == (records > 0));
        assert(open == 1 || outbox == 0);
        }
    :: d_step { judging2 == 1 && leased2 == 0 && job1 != 0 && (lease_attempt > 1 || (lease_attempt == 1 && lease_worker != 0 && lease_worker != 2)) -> /* worker 2: 1 refused */
        was_attempt = attempt;
        was_verdict = verdict;
        was_cancelled = cancelled;
        was_failed = failed;
        judging2 = 0;
        job1 = 2;
        assert(attempt >= was_attempt);
        assert(verdict >= was_verdict);
        assert(cancelled >= was_cancelled);
        assert(failed >= was_failed);
        assert(records <= owed);
        assert(!(cancelled == 1 && verdict == 1));
        assert(!(cancelled == 1 && open == 1));
        assert((verdict == 1) == (records > 0));
        assert(open == 1 || outbox == 0);
        }
    :: d_step { judging2 == 1 && leased2 == 0 && job1 != 0 && !(lease_attempt > 1 || (lease_attempt == 1 && lease_worker != 0 && lease_worker != 2)) -> /* worker 2: lease 1 */
        was_attempt = attempt;
        was_verdict = verdict;
        was_cancelled = cancelled;
        was_failed = failed;
        lease_attempt = 1;
        lease_worker = 2;
        leased2 = 1;
        job1 = 2;
        assert(attempt >= was_attempt);
        assert(verdict >= was_verdict);
        assert(cancelled >= was_cancelled);
        assert(failed >= was_failed);
        assert(records <= owed);
        assert(!(cancelled == 1 && verdict == 1));
        assert(!(cancelled == 1 && open == 1));
        assert((verdict == 1) == (records > 0));
        assert(open == 1 || outbox == 0);
        }
    :: d_step { judging2 == 1 && leased2 == 1 && lease_attempt == 0 -> /* worker 2: renew 1 */
        was_attempt = attempt;
        was_verdict = verdict;
        was_cancelled = cancelled;
        was_failed = failed;
        lease_attempt = 1;
        lease_worker = 2;
        assert(attempt >= was_attempt);
        assert(verdict >= was_verdict);
        assert(cancelled >= was_cancelled);
        assert(failed >= was_failed);
        assert(records <= owed);
        assert(!(cancelled == 1 && verdict == 1));
        assert(!(cancelled == 1 && open == 1));
        assert((verdict == 1) == (records > 0));
        assert(open == 1 || outbox == 0);
        }
    :: d_step { judging2 == 1 && leased2 == 1 && lease_attempt != 0 && !(lease_attempt == 1 && lease_worker == 2) -> /* worker 2: lost 1 */
        was_attempt = attempt;
        was_verdict = verdict;
        was_cancelled = cancelled;
        was_failed = failed;
        judging2 = 0;
        leased2 = 0;
        if :: job1 != 0 -> job1 = 2 :: else fi;
        assert(attempt >= was_attempt);
        assert(verdict >= was_verdict);
        assert(cancelled >= was_cancelled);
        assert(failed >= was_failed);
        assert(records <= owed);
        assert(!(cancelled == 1 && verdict == 1));
        assert(!(cancelled == 1 && open == 1));
        assert((verdict == 1) == (records > 0));
        assert(open == 1 || outbox == 0);
        }
    :: d_step { judging2 == 1 && leased2 == 1 && (lease_attempt == 0 || (lease_attempt == 1 && lease_worker == 2)) -> /* worker 2: finish 1 */
        assert(lease_attempt == 0 || (lease_attempt == 1 && lease_worker == 2));
        was_attempt = attempt;
        was_verdict = verdict;
        was_cancelled = cancelled;
        was_failed = failed;
        if :: report1_2 < 4 -> report1_2 = report1_2 + 1 :: else fi;
        lease_attempt = 0;
        lease_worker = 0;
        job1 = 0;
        judging2 = 0;
        leased2 = 0;
        assert(attempt >= was_attempt);
        assert(verdict >= was_verdict);
        assert(cancelled >= was_cancelled);
        assert(failed >= was_failed);
        assert(records <= owed);
        assert(!(cancelled == 1 && verdict == 1));
        assert(!(cancelled == 1 && open == 1));
        assert((verdict == 1) == (records > 0));
        assert(open == 1 || outbox == 0);
        }
    :: d_step { faults < 2 && late_finish == 0 && judging2 == 1 && leased2 == 1 && (lease_attempt == 0 || (lease_attempt == 1 && lease_worker == 2)) -> /* worker 2: finish 1 twice */
        assert(lease_attempt == 0 || (lease_attempt == 1 && lease_worker == 2));
        was_attempt = attempt;
        was_verdict = verdict;
        was_cancelled = cancelled;
        was_failed = failed;
        faults = faults + 1;
        if :: report1_2 < 4 -> report1_2 = report1_2 + 1 :: else fi;
        lease_attempt = 0;
        lease_worker = 0;
        job1 = 0;
        judging2 = 0;
        leased2 = 0;
        late_finish = 2;
        assert(attempt >= was_attempt);
        assert(verdict >= was_verdict);
        assert(cancelled >= was_cancelled);
        assert(failed >= was_failed);
        assert(records <= owed);
        assert(!(cancelled == 1 && verdict == 1));
        assert(!(cancelled == 1 && open == 1));
        assert((verdict == 1) == (records > 0));
        assert(open == 1 || outbox == 0);
        }
    :: d_step { judging2 == 0 && waiting2 == 1 -> /* worker 2: pop 2 */
        was_attempt = attempt;
        was_verdict = verdict;
        was_cancelled = cancelled;
        was_failed = failed;
        waiting2 = 0;
        judging2 = 2;
        assert(attempt >= was_attempt);
        assert(verdict >= was_verdict);
        assert(cancelled >= was_cancelled);
        assert(failed >= was_failed);
        assert(records <= owed);
        assert(!(cancelled == 1 && verdict == 1));
        assert(!(cancelled == 1 && open == 1));
        assert((verdict == 1) == (records > 0));
        assert(open == 1 || outbox == 0);
        }
    :: d_step { judging2 == 2 && leased2 == 0 && job2 == 0 -> /* worker 2: 2 is gone */
        was_attempt = attempt;
        was_verdict = verdict;
        was_cancelled = cancelled;
        was_failed = failed;
        judging2 = 0;
        assert(attempt >= was_attempt);
        assert(verdict >= was_verdict);
        assert(cancelled >= was_cancelled);
        assert(failed >= was_failed);
        assert(records <= owed);
        assert(!(cancelled == 1 && verdict == 1));
        assert(!(cancelled == 1 && open == 1));
        assert((verdict == 1) == (records > 0));
        assert(open == 1 || outbox == 0);
        }
    :: d_step { judging2 == 2 && leased2 == 0 && job2 != 0 && (lease_attempt > 2 || (lease_attempt == 2 && lease_worker != 0 && lease_worker != 2)) -> /* worker 2: 2 refused */
        was_attempt = attempt;
        was_verdict = verdict;
        was_cancelled = cancelled;
        was_failed = failed;
        judging2 = 0;
        job2 = 2;
        assert(attempt >= was_attempt);
        assert(verdict >= was_verdict);
        assert(cancelled >= was_cancelled);
        assert(failed >= was_failed);
        assert(records <= owed);
        assert(!(cancelled == 1 && verdict == 1));
        assert(!(cancelled == 1 && open == 1));
        assert((verdict == 1) == (records > 0));
        assert(open == 1 || outbox == 0);
        }
    :: d_step { judging2 == 2 && leased2 == 0 && job2 != 0 && !(lease_attempt > 2 || (lease_attempt == 2 && lease_worker != 0 && lease_worker != 2)) -> /* worker 2: lease 2 */
        was_attempt = attempt;
        was_verdict = verdict;
        was_cancelled = cancelled;
        was_failed = failed;
        lease_attempt = 2;
        lease_worker = 2;
        leased2 = 1;
        job2 = 2;
        assert(attempt >= was_attempt);
        assert(verdict >= was_verdict);
        assert(cancelled >= was_cancelled);
        assert(failed >= was_failed);
        assert(records <= owed);
        assert(!(cancelled == 1 && verdict == 1));
        assert(!(cancelled == 1 && open == 1));
        assert((verdict == 1) == (records > 0));
        assert(open == 1 || outbox == 0);
        }
    :: d_step { judging2 == 2 && leased2 == 1 && lease_attempt == 0 -> /* worker 2: renew 2 */
        was_attempt = attempt;
        was_verdict = verdict;
        was_cancelled = cancelled;
        was_failed = failed;
        lease_attempt = 2;
        lease_worker = 2;
        assert(attempt >= was_attempt);
        assert(verdict >= was_verdict);
        assert(cancelled >= was_cancelled);
        assert(failed >= was_failed);
        assert(records <= owed);
        assert(!(cancelled == 1 && verdict == 1));
        assert(!(cancelled == 1 && open == 1));
        assert((verdict == 1) == (records > 0));
        assert(open == 1 || outbox == 0);
        }
    :: d_step { judging2 == 2 && leased2 == 1 && lease_attempt != 0 && !(lease_attempt == 2 && lease_worker == 2) -> /* worker 2: lost 2 */
        was_attempt = attempt;
        was_verdict = verdict;
        was_cancelled = cancelled;
        was_failed = failed;
        judging2 = 0;
        leased2 = 0;
        if :: job2 != 0 -> job2 = 2 :: else fi;
        assert(attempt >= was_attempt);
        assert(verdict >= was_verdict);
        assert(cancelled >= was_cancelled);
        assert(failed >= was_failed);
        assert(records <= owed);
        assert(!(cancelled == 1 && verdict == 1));
        assert(!(cancelled == 1 && open == 1));
        assert((verdict == 1) == (records > 0));
        assert(open == 1 || outbox == 0);
        }
    :: d_step { judging2 == 2 && leased2 == 1 && (lease_attempt == 0 || (lease_attempt == 2 && lease_worker == 2)) -> /* worker 2: finish 2 */
        assert(lease_attempt == 0 || (lease_attempt == 2 && lease_worker == 2));
        was_attempt = attempt;
        was_verdict = verdict;
        was_cancelled = cancelled;
        was_failed = failed;
        if :: report2_2 < 4 -> report2_2 = report2_2 + 1 :: else fi;
        lease_attempt = 0;
        lease_worker = 0;
        job2 = 0;
        judging2 = 0;
        leased2 = 0;
        assert(attempt >= was_attempt);
        assert(verdict >= was_verdict);
        assert(cancelled >= was_cancelled);
        assert(failed >= was_failed);
        assert(records <= owed);
        assert(!(cancelled == 1 && verdict == 1));
        assert(!(cancelled == 1 && open == 1));
        assert((verdict == 1) == (records > 0));
        assert(open == 1 || outbox == 0);
        }
    :: d_step { faults < 2 && late_finish == 0 && judging2 == 2 && leased2 == 1 && (lease_attempt == 0 || (lease_attempt == 2 && lease_worker == 2)) -> /* worker 2: finish 2 twice */
        assert(lease_attempt == 0 || (lease_attempt == 2 && lease_worker == 2));
        was_attempt = attempt;
        was_verdict = verdict;
        was_cancelled = cancelled;
        was_failed = failed;
        faults = faults + 1;
        if :: report2_2 < 4 -> report2_2 = report2_2 + 1 :: else fi;
        lease_attempt = 0;
        lease_worker = 0;
        job2 = 0;
        judging2 = 0;
        leased2 = 0;
        late_finish = 4;
        assert(attempt >= was_attempt);
        assert(verdict >= was_verdict);
        assert(cancelled >= was_cancelled);
        assert(failed >= was_failed);
        assert(records <= owed);
        assert(!(cancelled == 1 && verdict == 1));
        assert(!(cancelled == 1 && open == 1));
        assert((verdict == 1) == (records > 0));
        assert(open == 1 || outbox == 0);
        }
    :: d_step { faults < 2 && judging2 != 0 && judging2 != 3 && (judging1 != 3) -> /* worker 2: die */
        was_attempt = attempt;
        was_verdict = verdict;
        was_cancelled = cancelled;
        was_failed = failed;
        faults = faults + 1;
        judging2 = 3;
        leased2 = 0;
        assert(attempt >= was_attempt);
        assert(verdict >= was_verdict);
        assert(cancelled >= was_cancelled);
        assert(failed >= was_failed);
        assert(records <= owed);
        assert(!(cancelled == 1 && verdict == 1));
        assert(!(cancelled == 1 && open == 1));
        assert((verdict == 1) == (records > 0));
        assert(open == 1 || outbox == 0);
        }
    :: d_step { lease_attempt != 0 && lease_worker == 0 -> /* lease of no worker over */
        was_attempt = attempt;
        was_verdict = verdict;
        was_cancelled = cancelled;
        was_failed = failed;
        lease_attempt = 0;
        lease_worker = 0;
        assert(attempt >= was_attempt);
        assert(verdict >= was_verdict);
        assert(cancelled >= was_cancelled);
        assert(failed >= was_failed);
        assert(records <= owed);
        assert(!(cancelled == 1 && verdict == 1));
        assert(!(cancelled == 1 && open == 1));
        assert((verdict == 1) == (records > 0));
        assert(open == 1 || outbox == 0);
        }
    :: d_step { lease_worker == 1 && !(judging1 == lease_attempt && leased1 == 1) -> /* lease of 1 over */
        was_attempt = attempt;
        was_verdict = verdict;
        was_cancelled = cancelled;
        was_failed = failed;
        lease_attempt = 0;
        lease_worker = 0;
        assert(attempt >= was_attempt);
        assert(verdict >= was_verdict);
        assert(cancelled >= was_cancelled);
        assert(failed >= was_failed);
        assert(records <= owed);
        assert(!(cancelled == 1 && verdict == 1));
        assert(!(cancelled == 1 && open == 1));
        assert((verdict == 1) == (records > 0));
        assert(open == 1 || outbox == 0);
        }
    :: d_step { faults < 2 && lease_worker == 1 && judging1 == lease_attempt && leased1 == 1 -> /* lease of 1 over early */
        was_attempt = attempt;
        was_verdict = verdict;
        was_cancelled = cancelled;
        was_failed = failed;
        faults = faults + 1;
        lease_attempt = 0;
        lease_worker = 0;
        assert(attempt >= was_attempt);
        assert(verdict >= was_verdict);
        assert(cancelled >= was_cancelled);
        assert(failed >= was_failed);
        assert(records <= owed);
        assert(!(cancelled == 1 && verdict == 1));
        assert(!(cancelled == 1 && open == 1));
        assert((verdict == 1) == (records > 0));
        assert(open == 1 || outbox == 0);
        }
    :: d_step { lease_worker == 2 && !(judging2 == lease_attempt && leased2 == 1) -> /* lease of 2 over */
        was_attempt = attempt;
        was_verdict = verdict;
        was_cancelled = cancelled;
        was_failed = failed;
        lease_attempt = 0;
        lease_worker = 0;
        assert(attempt >= was_attempt);
        assert(verdict >= was_verdict);
        assert(cancelled >= was_cancelled);
        assert(failed >= was_failed);
        assert(records <= owed);
        assert(!(cancelled == 1 && verdict == 1));
        assert(!(cancelled == 1 && open == 1));
        assert((verdict == 1) == (records > 0));
        assert(open == 1 || outbox == 0);
        }
    :: d_step { faults < 2 && lease_worker == 2 && judging2 == lease_attempt && leased2 == 1 -> /* lease of 2 over early */
        was_attempt = attempt;
        was_verdict = verdict;
        was_cancelled = cancelled;
        was_failed = failed;
        faults = faults + 1;
        lease_attempt = 0;
        lease_worker = 0;
        assert(attempt >= was_attempt);
        assert(verdict >= was_verdict);
        assert(cancelled >= was_cancelled);
        assert(failed >= was_failed);
        assert(records <= owed);
        assert(!(cancelled == 1 && verdict == 1));
        assert(!(cancelled == 1 && open == 1));
        assert((verdict == 1) == (records > 0));
        assert(open == 1 || outbox == 0);
        }
    :: d_step { consumer == 0 && report1_1 > 0 -> /* consumer: read 1 of 1 */
        was_attempt = attempt;
        was_verdict = verdict;
        was_cancelled = cancelled;
        was_failed = failed;
        consumer = 1;
        consumer_phase = 1;
        if :: lease_attempt == 1 && lease_worker != 0 && lease_worker != 1 -> consumer_phase = 2 :: else fi;
        assert(attempt >= was_attempt);
        assert(verdict >= was_verdict);
        assert(cancelled >= was_cancelled);
        assert(failed >= was_failed);
        assert(records <= owed);
        assert(!(cancelled == 1 && verdict == 1));
        assert(!(cancelled == 1 && open == 1));
        assert((verdict == 1) == (records > 0));
        assert(open == 1 || outbox == 0);
        }
    :: d_step { consumer == 1 && consumer_phase == 1 -> /* consumer: record 1 of 1 */
        was_attempt = attempt;
        was_verdict = verdict;
        was_cancelled = cancelled;
        was_failed = failed;
        consumer_phase = 2;
        if :: open == 1 && attempt == 1 -> records = records + 1; verdict = 1; open = 0; outbox = 0; claimed = 0 :: else fi;
        assert(attempt >= was_attempt);
        assert(verdict >= was_verdict);
        assert(cancelled >= was_cancelled);
        assert(failed >= was_failed);
        assert(records <= owed);
        assert(!(cancelled == 1 && verdict == 1));
        assert(!(cancelled == 1 && open == 1));
        assert((verdict == 1) == (records > 0));
        assert(open == 1 || outbox == 0);
        }
    :: d_step { consumer == 1 && consumer_phase == 2 -> /* consumer: acknowledge 1 of 1 */
        was_attempt = attempt;
        was_verdict = verdict;
        was_cancelled = cancelled;
        was_failed = failed;
        if :: report1_1 > 0 -> report1_1 = report1_1 - 1 :: else fi;
        consumer = 0;
        consumer_phase = 0;
        assert(attempt >= was_attempt);
        assert(verdict >= was_verdict);
        assert(cancelled >= was_cancelled);
        assert(failed >= was_failed);
        assert(records <= owed);
        assert(!(cancelled == 1 && verdict == 1));
        assert(!(cancelled == 1 && open == 1));
        assert((verdict == 1) == (records > 0));
        assert(open == 1 || outbox == 0);
        }
    :: d_step { consumer == 0 && report1_2 > 0 -> /* consumer: read 1 of 2 */
        was_attempt = attempt;
        was_verdict = verdict;
        was_cancelled = cancelled;
        was_failed = failed;
        consumer = 2;
        consumer_phase = 1;
        if :: lease_attempt == 1 && lease_worker != 0 && lease_worker != 2 -> consumer_phase = 2 :: else fi;
        assert(attempt >= was_attempt);
        assert(verdict >= was_verdict);
        assert(cancelled >= was_cancelled);
        assert(failed >= was_failed);
        assert(records <= owed);
        assert(!(cancelled == 1 && verdict == 1));
        assert(!(cancelled == 1 && open == 1));
        assert((verdict == 1) == (records > 0));
        assert(open == 1 || outbox == 0);
        }
    :: d_step { consumer == 2 && consumer_phase == 1 -> /* consumer: record 1 of 2 */
        was_attempt = attempt;
        was_verdict = verdict;
        was_cancelled = cancelled;
        was_failed = failed;
        consumer_phase = 2;
        if :: open == 1 && attempt == 1 -> records = records + 1; verdict = 1; open = 0; outbox = 0; claimed = 0 :: else fi;
        assert(attempt >= was_attempt);
        assert(verdict >= was_verdict);
        assert(cancelled >= was_cancelled);
        assert(failed >= was_failed);
        assert(records <= owed);
        assert(!(cancelled == 1 && verdict == 1));
        assert(!(cancelled == 1 && open == 1));
        assert((verdict == 1) == (records > 0));
        assert(open == 1 || outbox == 0);
        }
    :: d_step { consumer == 2 && consumer_phase == 2 -> /* consumer: acknowledge 1 of 2 */
        was_attempt = attempt;
        was_verdict = verdict;
        was_cancelled = cancelled;
        was_failed = failed;
        if :: report1_2 > 0 -> report1_2 = report1_2 - 1 :: else fi;
        consumer = 0;
        consumer_phase = 0;
        assert(attempt >= was_attempt);
        assert(verdict >= was_verdict);
        assert(cancelled >= was_cancelled);
        assert(failed >= was_failed);
        assert(records <= owed);
        assert(!(cancelled == 1 && verdict == 1));
        assert(!(cancelled == 1 && open == 1));
        assert((verdict == 1) == (records > 0));
        assert(open == 1 || outbox == 0);
        }
    :: d_step { consumer == 0 && report2_1 > 0 -> /* consumer: read 2 of 1 */
        was_attempt = attempt;
        was_verdict = verdict;
        was_cancelled = cancelled;
        was_failed = failed;
        consumer = 3;
        consumer_phase = 1;
        if :: lease_attempt == 2 && lease_worker != 0 && lease_worker != 1 -> consumer_phase = 2 :: else fi;
        assert(attempt >= was_attempt);
        assert(verdict >= was_verdict);
        assert(cancelled >= was_cancelled);
        assert(failed >= was_failed);
        assert(records <= owed);
        assert(!(cancelled == 1 && verdict == 1));
        assert(!(cancelled == 1 && open == 1));
        assert((verdict == 1) == (records > 0));
        assert(open == 1 || outbox == 0);
        }
    :: d_step { consumer == 3 && consumer_phase == 1 -> /* consumer: record 2 of 1 */
        was_attempt = attempt;
        was_verdict = verdict;
        was_cancelled = cancelled;
        was_failed = failed;
        consumer_phase = 2;
        if :: open == 1 && attempt == 2 -> records = records + 1; verdict = 1; open = 0; outbox = 0; claimed = 0 :: else fi;
        assert(attempt >= was_attempt);
        assert(verdict >= was_verdict);
        assert(cancelled >= was_cancelled);
        assert(failed >= was_failed);
        assert(records <= owed);
        assert(!(cancelled == 1 && verdict == 1));
        assert(!(cancelled == 1 && open == 1));
        assert((verdict == 1) == (records > 0));
        assert(open == 1 || outbox == 0);
        }
    :: d_step { consumer == 3 && consumer_phase == 2 -> /* consumer: acknowledge 2 of 1 */
        was_attempt = attempt;
        was_verdict = verdict;
        was_cancelled = cancelled;
        was_failed = failed;
        if :: report2_1 > 0 -> report2_1 = report2_1 - 1 :: else fi;
        consumer = 0;
        consumer_phase = 0;
        assert(attempt >= was_attempt);
        assert(verdict >= was_verdict);
        assert(cancelled >= was_cancelled);
        assert(failed >= was_failed);
        assert(records <= owed);
        assert(!(cancelled == 1 && verdict == 1));
        assert(!(cancelled == 1 && open == 1));
        assert((verdict == 1) == (records > 0));
        assert(open == 1 || outbox == 0);
        }
    :: d_step { consumer == 0 && report2_2 > 0 -> /* consumer: read 2 of 2 */
        was_attempt = attempt;
        was_verdict = verdict;
        was_cancelled = cancelled;
        was_failed = failed;
        consumer = 4;
        consumer_phase = 1;
        if :: lease_attempt == 2 && lease_worker != 0 && lease_worker != 2 -> consumer_phase = 2 :: else fi;
        assert(attempt >= was_attempt);
        assert(verdict >= was_verdict);
        assert(cancelled >= was_cancelled);
        assert(failed >= was_failed);
        assert(records <= owed);
        assert(!(cancelled == 1 && verdict == 1));
        assert(!(cancelled == 1 && open == 1));
        assert((verdict == 1) == (records > 0));
        assert(open == 1 || outbox == 0);
        }
    :: d_step { consumer == 4 && consumer_phase == 1 -> /* consumer: record 2 of 2 */
        was_attempt = attempt;
        was_verdict = verdict;
        was_cancelled = cancelled;
        was_failed = failed;
        consumer_phase = 2;
        if :: open == 1 && attempt == 2 -> records = records + 1; verdict = 1; open = 0; outbox = 0; claimed = 0 :: else fi;
        assert(attempt >= was_attempt);
        assert(verdict >= was_verdict);
        assert(cancelled >= was_cancelled);
        assert(failed >= was_failed);
        assert(records <= owed);
        assert(!(cancelled == 1 && verdict == 1));
        assert(!(cancelled == 1 && open == 1));
        assert((verdict == 1) == (records > 0));
        assert(open == 1 || outbox == 0);
        }
    :: d_step { consumer == 4 && consumer_phase == 2 -> /* consumer: acknowledge 2 of 2 */
        was_attempt = attempt;
        was_verdict = verdict;
        was_cancelled = cancelled;
        was_failed = failed;
        if :: report2_2 > 0 -> report2_2 = report2_2 - 1 :: else fi;
        consumer = 0;
        consumer_phase = 0;
        assert(attempt >= was_attempt);
        assert(verdict >= was_verdict);
        assert(cancelled >= was_cancelled);
        assert(failed >= was_failed);
        assert(records <= owed);
        assert(!(cancelled == 1 && verdict == 1));
        assert(!(cancelled == 1 && open == 1));
        assert((verdict == 1) == (records > 0));
        assert(open == 1 || outbox == 0);
        }
    :: d_step { faults < 2 && consumer != 0 -> /* consumer: die */
        was_attempt = attempt;
        was_verdict = verdict;
        was_cancelled = cancelled;
        was_failed = failed;
        faults = faults + 1;
        consumer = 0;
        consumer_phase = 0;
        assert(attempt >= was_attempt);
        assert(verdict >= was_verdict);
        assert(cancelled >= was_cancelled);
        assert(failed >= was_failed);
        assert(records <= owed);
        assert(!(cancelled == 1 && verdict == 1));
        assert(!(cancelled == 1 && open == 1));
        assert((verdict == 1) == (records > 0));
        assert(open == 1 || outbox == 0);
        }
    :: d_step { reconciler == 0 && open == 1 && outbox == 0 && report1_1 == 0 && report1_2 == 0 && report2_1 == 0 && report2_2 == 0 && attempt == 1 && waiting1 == 0 && !(lease_attempt == 1 && lease_worker != 0) && job1 == 0 && judging1 != 1 && judging2 != 1 -> /* reconciler: 1 is lost */
        was_attempt = attempt;
        was_verdict = verdict;
        was_cancelled = cancelled;
        was_failed = failed;
        reconciler = 1;
        repair = 1;
        assert(attempt >= was_attempt);
        assert(verdict >= was_verdict);
        assert(cancelled >= was_cancelled);
        assert(failed >= was_failed);
        assert(records <= owed);
        assert(!(cancelled == 1 && verdict == 1));
        assert(!(cancelled == 1 && open == 1));
        assert((verdict == 1) == (records > 0));
        assert(open == 1 || outbox == 0);
        }
    :: d_step { faults < 2 && reconciler == 0 && open == 1 && outbox == 0 && report1_1 == 0 && report1_2 == 0 && report2_1 == 0 && report2_2 == 0 && attempt == 1 && waiting1 == 0 && !(lease_attempt == 1 && lease_worker != 0) && job1 == 0 && !(judging1 != 1 && judging2 != 1) -> /* reconciler: 1 is lost, too early */
        was_attempt = attempt;
        was_verdict = verdict;
        was_cancelled = cancelled;
        was_failed = failed;
        faults = faults + 1;
        reconciler = 1;
        repair = 1;
        assert(attempt >= was_attempt);
        assert(verdict >= was_verdict);
        assert(cancelled >= was_cancelled);
        assert(failed >= was_failed);
        assert(records <= owed);
        assert(!(cancelled == 1 && verdict == 1));
        assert(!(cancelled == 1 && open == 1));
        assert((verdict == 1) == (records > 0));
        assert(open == 1 || outbox == 0);
        }
    :: d_step { reconciler == 0 && open == 1 && outbox == 0 && report1_1 == 0 && report1_2 == 0 && report2_1 == 0 && report2_2 == 0 && attempt == 1 && waiting1 == 0 && !(lease_attempt == 1 && lease_worker != 0) && job1 != 0 && judging1 != 1 && judging2 != 1 -> /* reconciler: 1 is abandoned */
        was_attempt = attempt;
        was_verdict = verdict;
        was_cancelled = cancelled;
        was_failed = failed;
        reconciler = 1;
        repair = 2;
        assert(attempt >= was_attempt);
        assert(verdict >= was_verdict);
        assert(cancelled >= was_cancelled);
        assert(failed >= was_failed);
        assert(records <= owed);
        assert(!(cancelled == 1 && verdict == 1));
        assert(!(cancelled == 1 && open == 1));
        assert((verdict == 1) == (records > 0));
        assert(open == 1 || outbox == 0);
        }
    :: d_step { faults < 2 && reconciler == 0 && open == 1 && outbox == 0 && report1_1 == 0 && report1_2 == 0 && report2_1 == 0 && report2_2 == 0 && attempt == 1 && waiting1 == 0 && !(lease_attempt == 1 && lease_worker != 0) && job1 != 0 && !(judging1 != 1 && judging2 != 1) -> /* reconciler: 1 is abandoned, too early */
        was_attempt = attempt;
        was_verdict = verdict;
        was_cancelled = cancelled;
        was_failed = failed;
        faults = faults + 1;
        reconciler = 1;
        repair = 2;
        assert(attempt >= was_attempt);
        assert(verdict >= was_verdict);
        assert(cancelled >= was_cancelled);
        assert(failed >= was_failed);
        assert(records <= owed);
        assert(!(cancelled == 1 && verdict == 1));
        assert(!(cancelled == 1 && open == 1));
        assert((verdict == 1) == (records > 0));
        assert(open == 1 || outbox == 0);
        }
    :: d_step { reconciler == 1 && repair == 1 -> /* reconciler: send 1 again */
        was_attempt = attempt;
        was_verdict = verdict;
        was_cancelled = cancelled;
        was_failed = failed;
        if :: open == 1 && attempt == 1 -> outbox = 1; claimed = 0 :: else fi;
        reconciler = 0;
        repair = 0;
        assert(attempt >= was_attempt);
        assert(verdict >= was_verdict);
        assert(cancelled >= was_cancelled);
        assert(failed >= was_failed);
        assert(records <= owed);
        assert(!(cancelled == 1 && verdict == 1));
        assert(!(cancelled == 1 && open == 1));
        assert((verdict == 1) == (records > 0));
        assert(open == 1 || outbox == 0);
        }
    :: d_step { reconciler == 1 && repair == 2 -> /* reconciler: return 1 */
        was_attempt = attempt;
        was_verdict = verdict;
        was_cancelled = cancelled;
        was_failed = failed;
        if :: open == 1 && attempt == 1 -> attempt = 2; outbox = 1; claimed = 0 :: else fi;
        repair = 3;
        assert(attempt >= was_attempt);
        assert(verdict >= was_verdict);
        assert(cancelled >= was_cancelled);
        assert(failed >= was_failed);
        assert(records <= owed);
        assert(!(cancelled == 1 && verdict == 1));
        assert(!(cancelled == 1 && open == 1));
        assert((verdict == 1) == (records > 0));
        assert(open == 1 || outbox == 0);
        }
    :: d_step { reconciler == 1 && repair == 3 -> /* reconciler: revoke 1 */
        was_attempt = attempt;
        was_verdict = verdict;
        was_cancelled = cancelled;
        was_failed = failed;
        if :: lease_attempt <= 1 -> lease_attempt = 2; lease_worker = 0 :: else fi;
        repair = 4;
        assert(attempt >= was_attempt);
        assert(verdict >= was_verdict);
        assert(cancelled >= was_cancelled);
        assert(failed >= was_failed);
        assert(records <= owed);
        assert(!(cancelled == 1 && verdict == 1));
        assert(!(cancelled == 1 && open == 1));
        assert((verdict == 1) == (records > 0));
        assert(open == 1 || outbox == 0);
        }
    :: d_step { reconciler == 1 && repair == 4 -> /* reconciler: remove 1 */
        was_attempt = attempt;
        was_verdict = verdict;
        was_cancelled = cancelled;
        was_failed = failed;
        waiting1 = 0;
        job1 = 0;
        reconciler = 0;
        repair = 0;
        assert(attempt >= was_attempt);
        assert(verdict >= was_verdict);
        assert(cancelled >= was_cancelled);
        assert(failed >= was_failed);
        assert(records <= owed);
        assert(!(cancelled == 1 && verdict == 1));
        assert(!(cancelled == 1 && open == 1));
        assert((verdict == 1) == (records > 0));
        assert(open == 1 || outbox == 0);
        }
    :: d_step { reconciler == 0 && open == 1 && outbox == 0 && report1_1 == 0 && report1_2 == 0 && report2_1 == 0 && report2_2 == 0 && attempt == 2 && waiting2 == 0 && !(lease_attempt == 2 && lease_worker != 0) && job2 == 0 && judging1 != 2 && judging2 != 2 -> /* reconciler: 2 is lost */
        was_attempt = attempt;
        was_verdict = verdict;
        was_cancelled = cancelled;
        was_failed = failed;
        reconciler = 2;
        repair = 1;
        assert(attempt >= was_attempt);
        assert(verdict >= was_verdict);
        assert(cancelled >= was_cancelled);
        assert(failed >= was_failed);
        assert(records <= owed);
        assert(!(cancelled == 1 && verdict == 1));
        assert(!(cancelled == 1 && open == 1));
        assert((verdict == 1) == (records > 0));
        assert(open == 1 || outbox == 0);
        }
    :: d_step { faults < 2 && reconciler == 0 && open == 1 && outbox == 0 && report1_1 == 0 && report1_2 == 0 && report2_1 == 0 && report2_2 == 0 && attempt == 2 && waiting2 == 0 && !(lease_attempt == 2 && lease_worker != 0) && job2 == 0 && !(judging1 != 2 && judging2 != 2) -> /* reconciler: 2 is lost, too early */
        was_attempt = attempt;
        was_verdict = verdict;
        was_cancelled = cancelled;
        was_failed = failed;
        faults = faults + 1;
        reconciler = 2;
        repair = 1;
        assert(attempt >= was_attempt);
        assert(verdict >= was_verdict);
        assert(cancelled >= was_cancelled);
        assert(failed >= was_failed);
        assert(records <= owed);
        assert(!(cancelled == 1 && verdict == 1));
        assert(!(cancelled == 1 && open == 1));
        assert((verdict == 1) == (records > 0));
        assert(open == 1 || outbox == 0);
        }
    :: d_step { reconciler == 0 && open == 1 && outbox == 0 && report1_1 == 0 && report1_2 == 0 && report2_1 == 0 && report2_2 == 0 && attempt == 2 && waiting2 == 0 && !(lease_attempt == 2 && lease_worker != 0) && job2 != 0 && judging1 != 2 && judging2 != 2 -> /* reconciler: 2 is abandoned */
        was_attempt = attempt;
        was_verdict = verdict;
        was_cancelled = cancelled;
        was_failed = failed;
        reconciler = 2;
        repair = 2;
        assert(attempt >= was_attempt);
        assert(verdict >= was_verdict);
        assert(cancelled >= was_cancelled);
        assert(failed >= was_failed);
        assert(records <= owed);
        assert(!(cancelled == 1 && verdict == 1));
        assert(!(cancelled == 1 && open == 1));
        assert((verdict == 1) == (records > 0));
        assert(open == 1 || outbox == 0);
        }
    :: d_step { faults < 2 && reconciler == 0 && open == 1 && outbox == 0 && report1_1 == 0 && report1_2 == 0 && report2_1 == 0 && report2_2 == 0 && attempt == 2 && waiting2 == 0 && !(lease_attempt == 2 && lease_worker != 0) && job2 != 0 && !(judging1 != 2 && judging2 != 2) -> /* reconciler: 2 is abandoned, too early */
        was_attempt = attempt;
        was_verdict = verdict;
        was_cancelled = cancelled;
        was_failed = failed;
        faults = faults + 1;
        reconciler = 2;
        repair = 2;
        assert(attempt >= was_attempt);
        assert(verdict >= was_verdict);
        assert(cancelled >= was_cancelled);
        assert(failed >= was_failed);
        assert(records <= owed);
        assert(!(cancelled == 1 && verdict == 1));
        assert(!(cancelled == 1 && open == 1));
        assert((verdict == 1) == (records > 0));
        assert(open == 1 || outbox == 0);
        }
    :: d_step { reconciler == 2 && repair == 1 -> /* reconciler: send 2 again */
        was_attempt = attempt;
        was_verdict = verdict;
        was_cancelled = cancelled;
        was_failed = failed;
        if :: open == 1 && attempt == 2 -> outbox = 1; claimed = 0 :: else fi;
        reconciler = 0;
        repair = 0;
        assert(attempt >= was_attempt);
        assert(verdict >= was_verdict);
        assert(cancelled >= was_cancelled);
        assert(failed >= was_failed);
        assert(records <= owed);
        assert(!(cancelled == 1 && verdict == 1));
        assert(!(cancelled == 1 && open == 1));
        assert((verdict == 1) == (records > 0));
        assert(open == 1 || outbox == 0);
        }
    :: d_step { reconciler == 2 && repair == 2 -> /* reconciler: give 2 up */
        was_attempt = attempt;
        was_verdict = verdict;
        was_cancelled = cancelled;
        was_failed = failed;
        if :: open == 1 && attempt == 2 && verdict == 0 -> failed = 1 :: else fi;
        if :: open == 1 && attempt == 2 -> given_up = given_up + 1; outbox = 0; claimed = 0; open = 0 :: else fi;
        repair = 3;
        assert(attempt >= was_attempt);
        assert(verdict >= was_verdict);
        assert(cancelled >= was_cancelled);
        assert(failed >= was_failed);
        assert(records <= owed);
        assert(!(cancelled == 1 && verdict == 1));
        assert(!(cancelled == 1 && open == 1));
        assert((verdict == 1) == (records > 0));
        assert(open == 1 || outbox == 0);
        }
    :: d_step { reconciler == 2 && repair == 3 -> /* reconciler: revoke 2 */
        was_attempt = attempt;
        was_verdict = verdict;
        was_cancelled = cancelled;
        was_failed = failed;
        if :: lease_attempt <= 2 -> lease_attempt = 3; lease_worker = 0 :: else fi;
        repair = 4;
        assert(attempt >= was_attempt);
        assert(verdict >= was_verdict);
        assert(cancelled >= was_cancelled);
        assert(failed >= was_failed);
        assert(records <= owed);
        assert(!(cancelled == 1 && verdict == 1));
        assert(!(cancelled == 1 && open == 1));
        assert((verdict == 1) == (records > 0));
        assert(open == 1 || outbox == 0);
        }
    :: d_step { reconciler == 2 && repair == 4 -> /* reconciler: remove 2 */
        was_attempt = attempt;
        was_verdict = verdict;
        was_cancelled = cancelled;
        was_failed = failed;
        waiting2 = 0;
        job2 = 0;
        reconciler = 0;
        repair = 0;
        assert(attempt >= was_attempt);
        assert(verdict >= was_verdict);
        assert(cancelled >= was_cancelled);
        assert(failed >= was_failed);
        assert(records <= owed);
        assert(!(cancelled == 1 && verdict == 1));
        assert(!(cancelled == 1 && open == 1));
        assert((verdict == 1) == (records > 0));
        assert(open == 1 || outbox == 0);
        }
    :: d_step { faults < 2 && reconciler != 0 -> /* reconciler: die */
        was_attempt = attempt;
        was_verdict = verdict;
        was_cancelled = cancelled;
        was_failed = failed;
        faults = faults + 1;
        reconciler = 0;
        repair = 0;
        assert(attempt >= was_attempt);
        assert(verdict >= was_verdict);
        assert(cancelled >= was_cancelled);
        assert(failed >= was_failed);
        assert(records <= owed);
        assert(!(cancelled == 1 && verdict == 1));
        assert(!(cancelled == 1 && open == 1));
        assert((verdict == 1) == (records > 0));
        assert(open == 1 || outbox == 0);
        }
    :: d_step { late_send == 1 -> /* late: send 1 */
        was_attempt = attempt;
        was_verdict = verdict;
        was_cancelled = cancelled;
        was_failed = failed;
        if :: job1 == 0 -> job1 = 1; waiting1 = 1 :: else fi;
        late_send = 0;
        assert(attempt >= was_attempt);
        assert(verdict >= was_verdict);
        assert(cancelled >= was_cancelled);
        assert(failed >= was_failed);
        assert(records <= owed);
        assert(!(cancelled == 1 && verdict == 1));
        assert(!(cancelled == 1 && open == 1));
        assert((verdict == 1) == (records > 0));
        assert(open == 1 || outbox == 0);
        }
    :: d_step { late_finish == 1 -> /* late: finish 1 of 1 */
        was_attempt = attempt;
        was_verdict = verdict;
        was_cancelled = cancelled;
        was_failed = failed;
        if :: (lease_attempt == 0 || (lease_attempt == 1 && lease_worker == 1)) && report1_1 < 4 -> report1_1 = report1_1 + 1 :: else fi;
        if :: lease_attempt == 0 || (lease_attempt == 1 && lease_worker == 1) -> job1 = 0; lease_attempt = 0; lease_worker = 0 :: else fi;
        late_finish = 0;
        assert(attempt >= was_attempt);
        assert(verdict >= was_verdict);
        assert(cancelled >= was_cancelled);
        assert(failed >= was_failed);
        assert(records <= owed);
        assert(!(cancelled == 1 && verdict == 1));
        assert(!(cancelled == 1 && open == 1));
        assert((verdict == 1) == (records > 0));
        assert(open == 1 || outbox == 0);
        }
    :: d_step { late_finish == 2 -> /* late: finish 1 of 2 */
        was_attempt = attempt;
        was_verdict = verdict;
        was_cancelled = cancelled;
        was_failed = failed;
        if :: (lease_attempt == 0 || (lease_attempt == 1 && lease_worker == 2)) && report1_2 < 4 -> report1_2 = report1_2 + 1 :: else fi;
        if :: lease_attempt == 0 || (lease_attempt == 1 && lease_worker == 2) -> job1 = 0; lease_attempt = 0; lease_worker = 0 :: else fi;
        late_finish = 0;
        assert(attempt >= was_attempt);
        assert(verdict >= was_verdict);
        assert(cancelled >= was_cancelled);
        assert(failed >= was_failed);
        assert(records <= owed);
        assert(!(cancelled == 1 && verdict == 1));
        assert(!(cancelled == 1 && open == 1));
        assert((verdict == 1) == (records > 0));
        assert(open == 1 || outbox == 0);
        }
    :: d_step { late_send == 2 -> /* late: send 2 */
        was_attempt = attempt;
        was_verdict = verdict;
        was_cancelled = cancelled;
        was_failed = failed;
        if :: job2 == 0 -> job2 = 1; waiting2 = 1 :: else fi;
        late_send = 0;
        assert(attempt >= was_attempt);
        assert(verdict >= was_verdict);
        assert(cancelled >= was_cancelled);
        assert(failed >= was_failed);
        assert(records <= owed);
        assert(!(cancelled == 1 && verdict == 1));
        assert(!(cancelled == 1 && open == 1));
        assert((verdict == 1) == (records > 0));
        assert(open == 1 || outbox == 0);
        }
    :: d_step { late_finish == 3 -> /* late: finish 2 of 1 */
        was_attempt = attempt;
        was_verdict = verdict;
        was_cancelled = cancelled;
        was_failed = failed;
        if :: (lease_attempt == 0 || (lease_attempt == 2 && lease_worker == 1)) && report2_1 < 4 -> report2_1 = report2_1 + 1 :: else fi;
        if :: lease_attempt == 0 || (lease_attempt == 2 && lease_worker == 1) -> job2 = 0; lease_attempt = 0; lease_worker = 0 :: else fi;
        late_finish = 0;
        assert(attempt >= was_attempt);
        assert(verdict >= was_verdict);
        assert(cancelled >= was_cancelled);
        assert(failed >= was_failed);
        assert(records <= owed);
        assert(!(cancelled == 1 && verdict == 1));
        assert(!(cancelled == 1 && open == 1));
        assert((verdict == 1) == (records > 0));
        assert(open == 1 || outbox == 0);
        }
    :: d_step { late_finish == 4 -> /* late: finish 2 of 2 */
        was_attempt = attempt;
        was_verdict = verdict;
        was_cancelled = cancelled;
        was_failed = failed;
        if :: (lease_attempt == 0 || (lease_attempt == 2 && lease_worker == 2)) && report2_2 < 4 -> report2_2 = report2_2 + 1 :: else fi;
        if :: lease_attempt == 0 || (lease_attempt == 2 && lease_worker == 2) -> job2 = 0; lease_attempt = 0; lease_worker = 0 :: else fi;
        late_finish = 0;
        assert(attempt >= was_attempt);
        assert(verdict >= was_verdict);
        assert(cancelled >= was_cancelled);
        assert(failed >= was_failed);
        assert(records <= owed);
        assert(!(cancelled == 1 && verdict == 1));
        assert(!(cancelled == 1 && open == 1));
        assert((verdict == 1) == (records > 0));
        assert(open == 1 || outbox == 0);
        }
    :: d_step { faults < 2 && (waiting1 != 0 || job1 != 0 || waiting2 != 0 || job2 != 0 || lease_attempt != 0 || lease_worker != 0 || report1_1 != 0 || report1_2 != 0 || report2_1 != 0 || report2_2 != 0) -> /* Redis is emptied */
        was_attempt = attempt;
        was_verdict = verdict;
        was_cancelled = cancelled;
        was_failed = failed;
        faults = faults + 1;
        waiting1 = 0;
        job1 = 0;
        waiting2 = 0;
        job2 = 0;
        lease_attempt = 0;
        lease_worker = 0;
        report1_1 = 0;
        report1_2 = 0;
        report2_1 = 0;
        report2_2 = 0;
        assert(attempt >= was_attempt);
        assert(verdict >= was_verdict);
        assert(cancelled >= was_cancelled);
        assert(failed >= was_failed);
        assert(records <= owed);
        assert(!(cancelled == 1 && verdict == 1));
        assert(!(cancelled == 1 && open == 1));
        assert((verdict == 1) == (records > 0));
        assert(open == 1 || outbox == 0);
        }
    :: d_step { faults < 2 -> /* no more faults */
        was_attempt = attempt;
        was_verdict = verdict;
        was_cancelled = cancelled;
        was_failed = failed;
        faults = 2;
        assert(attempt >= was_attempt);
        assert(verdict >= was_verdict);
        assert(cancelled >= was_cancelled);
        assert(failed >= was_failed);
        assert(records <= owed);
        assert(!(cancelled == 1 && verdict == 1));
        assert(!(cancelled == 1 && open == 1));
        assert((verdict == 1) == (records > 0));
        assert(open == 1 || outbox == 0);
        }
    :: timeout ->
        assert(attempt > 0 && open == 0 && outbox == 0);
        assert(verdict + cancelled + failed == 1);
        assert(records + cancelled + given_up == owed);
        assert(waiting1 == 0 && waiting2 == 0);
        assert(report1_1 == 0 && report1_2 == 0 && report2_1 == 0 && report2_2 == 0);
        break
    od
}

ltl repaired { <> [] (attempt > 0 && open == 0) }
