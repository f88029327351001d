/* Fork tokens, lost replies, and a copy of a device: is a lost reply ever taken for a copy, is a copy always found, is anything lost?

   What stands for what (causality.md, "One line of counters per replica: fork"):
   - a replica     act, n, pl: its actor and the change-sets of that actor. A payload stands for a change-set and its digest: each
                   is made once, so equal payloads at n mean equal lines up to n. conf: how many have a verdict; tok: the token.
   - W             an edit. It gets the next counter, or names the fork: (parent, p, first change-set).
   - X             a request reaches the server, which answers at once. That the request may travel first changes nothing: what it
                   says was fixed when it was sent. One request, of any moment, may come again at any later time (R).
   - D, L          the reply arrives, or is lost. Only a reply to the request that is waited for counts, and only while the file is
                   the one that asked.
   - C, P          the file is copied once; the copy wakes as a second device (it then acts like the first), or is put back in the
                   place of the first one's file, also while that one waits for a reply.
   - M             the server forgets that the current token was used: it keeps that in memory.
   - serve         fork iff frontier > highest counter, or a digest differs, or the token is neither the current one nor the one
                   before while the current is unused. Else verdicts; a new token with each push that brings something new. A
                   change-set that the store has under another dot is a duplicate. A line begins without a token, which counts as the
                   one before: so a fork whose first reply is lost comes again as it is.
   - calm          faults end and every replica has three whole exchanges.

   Invariants: (1) where no file was copied no reply says fork; (2) what a replica holds as confirmed stands in the store at that dot;
   (3) in the end every payload is in the store, applied under one dot, but for those that went with a replaced file; (4) in the end
   replicas whose lines differ have different names, and one that is silent beside one that writes is found.

   Bounds: two replicas, EDITS edits, SENDS requests before the calm, one request that comes again, once; one copy, put back once.

   Planted mistakes: -DTOKEN_ONCE (the token before is not honoured), -DCOUNTER_ONLY (a known counter gets the old verdict whatever its
   digest), -DANY_FILE (a reply counts although the file was replaced), -DDROP_FORK (a fork drops what the server lacks). */

#ifndef EDITS
#define EDITS 3
#endif
#ifndef SENDS
#define SENDS 5
#endif
#define LONGEST 4 /* change-sets of an actor, and one more */
#define ACTORS 7
#define NOBODY 7 /* the actor of a fork before its first change-set */

typedef File {
    byte act, parent, point; /* point: where the fork left its parent */
    byte n, conf, tok;
    byte pl[LONGEST]
};
typedef Line {
    byte frontier, cur, prev;
    bool used;
    byte digest[LONGEST]
};
typedef Name { byte parent, point, first };

File file[2];    /* the two replicas; the second is the copy */
File asked[2];   /* what each said in the request that it waits for */
File again;      /* a request that may come again */
Line line[ACTORS];
Name name[ACTORS];
byte names = 1;  /* actor 0 was enrolled */
bool waits[2], isFork[2], sameFile[2], awake[2];
byte replyPoint[2], replyToken[2];
byte made, sent;
bool copied, replaced, kept, cameAgain, forgot;
byte gone;       /* payloads that went with a replaced file, a bit each */
byte applied;    /* payloads that the store has applied */
byte wroteAfter; /* replicas that wrote after the copy, a bit each */

#define holds(r, payload) (file[r].pl[1] == payload || file[r].pl[2] == payload || file[r].pl[3] == payload)
#define isSameLine \
    (file[0].n == file[1].n && file[0].pl[1] == file[1].pl[1] && file[0].pl[2] == file[1].pl[2] && \
        file[0].pl[3] == file[1].pl[3])

hidden byte i, k, point, who;
hidden byte saysFork, current;

inline copyFile(to, from) {
    to.act = from.act; to.parent = from.parent; to.point = from.point;
    to.n = from.n; to.conf = from.conf; to.tok = from.tok;
    i = 1;
    do :: i < LONGEST -> to.pl[i] = from.pl[i]; i++ :: else -> break od;
    i = 0
}

/* Names a fork by where it left its parent and by its first change-set: whoever forks alike gets the same name. */
inline nameFork(f) {
    k = 1;
    do
    :: k < names && (name[k].parent != f.parent || name[k].point != f.point || name[k].first != f.pl[1]) -> k++
    :: else -> break
    od;
    assert(k < ACTORS);
    if
    :: k == names -> name[k].parent = f.parent; name[k].point = f.point; name[k].first = f.pl[1]; names++
    :: else
    fi;
    f.act = k;
    k = 0
}

inline edit(r) {
    made++;
    printf("replica %d makes change-set %d\n", r, made);
    file[r].n++;
    file[r].pl[file[r].n] = made;
    if :: copied -> wroteAfter = wroteAfter | (1 << r) :: else fi;
    if :: file[r].act == NOBODY -> nameFork(file[r]) :: else fi
}

/* Takes a request; leaves `saysFork`, and `point` up to which both sides agree. */
inline serve(q) {
    saysFork = false; current = false; point = 0; who = q.act;
    if
    :: who == NOBODY /* it has nothing to say, and no name */
    :: else ->
        i = 1;
        do
        :: i <= q.n && i <= line[who].frontier && line[who].digest[i] == q.pl[i] -> point = i; i++
        :: else -> break
        od;
        i = 0;
        if
        :: line[who].frontier > q.n -> saysFork = true
#ifndef COUNTER_ONLY
        :: line[who].frontier <= q.n && point < line[who].frontier -> saysFork = true
#endif
        :: else ->
            if
            :: q.tok == line[who].cur -> current = true; line[who].used = true
#ifndef TOKEN_ONCE
            :: q.tok != line[who].cur && q.tok == line[who].prev && !line[who].used
#endif
            :: else -> saysFork = true
            fi
        fi;
        if
        :: !saysFork && q.n > line[who].frontier ->
            do
            :: line[who].frontier < q.n ->
                line[who].frontier++;
                line[who].digest[line[who].frontier] = q.pl[line[who].frontier];
                /* One that is there already is a duplicate: nothing is applied. */
                applied = applied | (1 << q.pl[line[who].frontier])
            :: else -> break
            od;
            if
            :: current -> line[who].prev = line[who].cur; line[who].cur++; line[who].used = false
            :: else
            fi
        :: else
        fi
    fi
}

inline exchange(r) {
    copyFile(asked[r], file[r]);
    serve(file[r]);
    waits[r] = true; sameFile[r] = true; isFork[r] = saysFork; replyPoint[r] = point;
    if :: file[r].act != NOBODY -> replyToken[r] = line[file[r].act].cur :: else -> replyToken[r] = 0 fi;
    printf("replica %d asks as actor %d with token %d; the store answers with token %d, fork %d\n",
        r, file[r].act, file[r].tok, replyToken[r], saysFork);
    saysFork = false; current = false; point = 0; who = 0
}

/* Change-sets above the point go on under a new name, in their order; the first of them gives it. */
inline goOnAsFork(r) {
    assert(copied); /* invariant 1 */
    file[r].parent = file[r].act;
    file[r].point = replyPoint[r];
    i = 1;
    do
    :: i < LONGEST ->
        if
#ifdef DROP_FORK
        :: true -> file[r].pl[i] = 0
#else
        :: i + replyPoint[r] <= file[r].n -> file[r].pl[i] = file[r].pl[i + replyPoint[r]]
        :: else -> file[r].pl[i] = 0
#endif
        fi;
        i++
    :: else -> break
    od;
    i = 0;
#ifdef DROP_FORK
    file[r].n = 0;
#else
    file[r].n = file[r].n - replyPoint[r];
#endif
    file[r].conf = 0;
    file[r].tok = 0;
    if :: file[r].n > 0 -> nameFork(file[r]) :: else -> file[r].act = NOBODY fi
}

inline receive(r) {
    printf("replica %d gets the answer\n", r);
    if
#ifdef ANY_FILE
    :: file[r].act != asked[r].act || file[r].n < asked[r].n || file[r].conf != asked[r].conf
#else
    :: !sameFile[r]
#endif
    :: else ->
        if
        :: isFork[r] -> goOnAsFork(r)
        :: !isFork[r] && file[r].act == asked[r].act ->
            if
            :: file[r].act != NOBODY -> file[r].conf = asked[r].n; file[r].tok = replyToken[r]
            :: else
            fi
        :: else /* a fork was named meanwhile: what was answered is that it has nothing yet */
        fi
    fi;
    forgetReply(r)
}

inline forgetReply(r) {
    waits[r] = false; isFork[r] = false; sameFile[r] = false; replyPoint[r] = 0; replyToken[r] = 0;
    asked[r].act = 0; asked[r].parent = 0; asked[r].point = 0; asked[r].n = 0; asked[r].conf = 0; asked[r].tok = 0;
    i = 0;
    do :: i < LONGEST -> asked[r].pl[i] = 0; i++ :: else -> break od;
    i = 0
}

/* Invariant 2. */
inline check(r) {
    if
    :: awake[r] && file[r].act != NOBODY ->
        i = 1;
        do
        :: i <= file[r].conf -> assert(line[file[r].act].digest[i] == file[r].pl[i]); i++
        :: else -> break
        od;
        i = 0
    :: else
    fi
}

inline putBack() {
    /* What only the lost file held is gone; nobody could know. */
    i = 1;
    do
    :: i <= file[0].n ->
        if
        :: !(applied & (1 << file[0].pl[i])) && !holds(1, file[0].pl[i]) -> gone = gone | (1 << file[0].pl[i])
        :: else
        fi;
        i++
    :: else -> break
    od;
    copyFile(file[0], file[1]);
    sameFile[0] = false; replaced = true
}

inline settleOne(r) {
    if :: awake[r] -> exchange(r); receive(r) :: else fi
}

inline settle() {
    settleOne(0); settleOne(1);
    settleOne(0); settleOne(1);
    settleOne(0); settleOne(1)
}

inline judge() {
    i = 1;
    do
    :: i <= made -> assert(applied & (1 << i) || gone & (1 << i)); i++ /* invariant 3 */
    :: else -> break
    od;
    i = 0;
    do
    :: i < 2 ->
        if
        :: awake[i] && file[i].act != NOBODY -> assert(file[i].conf == file[i].n)
        :: else
        fi;
        i++
    :: else -> break
    od;
    /* Invariant 4: two that may both write go on under one name only while neither has written since they parted. */
    if
    :: awake[1] && wroteAfter -> assert(file[0].act != file[1].act || file[0].act == NOBODY || isSameLine)
    :: else
    fi
}

init {
    d_step {
        line[0].cur = 1; /* the token that enrolment gave; none came before it, so it is its own predecessor */
        line[0].prev = 1;
        file[0].tok = 1;
        awake[0] = true
    }
    do
    :: d_step { made < EDITS -> edit(0); check(0) }
    :: d_step { made < EDITS && awake[1] -> edit(1); check(1) }
    :: d_step { sent < SENDS && !waits[0] -> sent++; exchange(0) }
    :: d_step { sent < SENDS && !waits[1] && awake[1] -> sent++; exchange(1) }
    :: d_step { waits[0] -> receive(0); check(0) }
    :: d_step { waits[1] -> receive(1); check(1) }
    :: d_step { waits[0] -> printf("that answer is lost\n"); forgetReply(0) }
    :: d_step { waits[1] -> printf("that answer is lost\n"); forgetReply(1) }
    :: d_step { waits[0] && !kept -> kept = true; copyFile(again, asked[0]) }
    :: d_step { waits[1] && !kept -> kept = true; copyFile(again, asked[1]) }
    :: d_step { kept && !cameAgain ->
        printf("an old request of actor %d comes again\n", again.act);
        cameAgain = true; serve(again); saysFork = false; current = false; point = 0; who = 0 }
    :: d_step { !copied -> printf("the file is copied\n"); copied = true; copyFile(file[1], file[0]) }
    :: d_step { copied && !awake[1] && !replaced -> printf("the copy wakes\n"); awake[1] = true }
    :: d_step { copied && !awake[1] && !replaced -> printf("the copy is put back\n"); putBack(); check(0) }
    :: d_step { line[0].used && !forgot -> forgot = true; line[0].used = false }
    :: break
    od;
    true;
    d_step {
        printf("calm\n");
        if :: waits[0] -> forgetReply(0) :: else fi;
        if :: waits[1] -> forgetReply(1) :: else fi;
        settle();
        judge()
    }
}
