/* Push, acknowledgement, retry and store epochs, with a copied device: does a dot ever name two change-sets, is acknowledged work
   ever lost, does anything stay stuck?

   What stands for what (causality.md: "Taking a change-set at the server", "One line of counters per replica: fork", "A restored
   server"; fork tokens have a model of their own, so here a copy is found by counter and digest alone):
   - an entry      a change-set of a replica: its payload, which stands for its digest, its dot (actor, counter), and where it is:
                   PENDING, CONFIRMED, OFFERED again after a restore, or COVERED by a verified backup and dropped.
   - serve         known: same digest, the same verdict; other digest or a frontier above the highest counter: fork, nothing is
                   stored. Next: stored, frontier moves. A digest that is there under another dot is applied once.
   - epoch         a restore begins a new one. An actor belongs to one epoch: at first contact a device forks at its highest confirmed
                   counter, or a higher one that the store knows with equal digest; what is pending gets the dots of the fork, what
                   is confirmed is offered again under its own dots. A request of another epoch stores nothing.
   - backup        what the store has; receipts tell devices what it covers. A restore takes the last backup, or the one before.
   - fork          a' is named by (parent, p, first change-set, epoch), with its first change-set.
   - the network   loses replies, and may bring one request of any moment again at any later time.
   - calm          faults end and every replica has four whole exchanges: one to learn of the epoch, and three.

   Invariants: (1) whatever any life of the store has ever stored under a dot is one payload; (2) in the end every payload is in the
   store, but for one that no device held any more when an older backup was restored; (3) in the end nothing is pending.

   Bounds: two replicas, one of them a copy made at any time; EDITS edits, SENDS requests before the calm, two backups, one restore.

   Planted mistakes: -DSAME_ACTOR (the actor goes on in the new epoch), -DEPOCH_BLIND (a request of another epoch is taken),
   -DDROP_ON_ACK (confirmed work is not kept), -DGAP_REFUSED (what is offered again may not leave a gap), -DGAP_COUNTS (a line
   counts as known up to an equal digest, though the store has a gap before it). */

#ifndef EDITS
#define EDITS 3
#endif
#ifndef SENDS
#define SENDS 4
#endif
#define SIZE 4 /* change-sets of a replica, and one more; counters of an actor likewise */
#define ACTORS 9
#define NOBODY 9 /* the actor of a fork before its first change-set */

#define PENDING 1
#define CONFIRMED 2
#define COVERED 3
#define OFFERED 4

typedef File {
    byte epoch, act, parent, point;
    byte n;
    byte pay[SIZE], by[SIZE], at[SIZE], state[SIZE]
};
typedef Line { byte frontier; byte digest[SIZE] };
typedef Store { Line line[ACTORS]; byte applied };
typedef Name { byte parent, point, first, epoch };
typedef Dots { byte pay[SIZE] };

File file[2];
File again; /* a request that may come again */
Store store, saved[2];
Name name[ACTORS];
Dots ever[ACTORS]; /* what each dot has ever named in any life of the store */
byte names = 1, epoch, saves, made, sent, gone, askedCount[2], replyPoint[2], replyCovers[2], answer[2];
bool waits[2], awake, kept, cameAgain;

#define OK 1
#define FORK 2
#define NEW_EPOCH 3

#define isOpen(r) (file[r].state[i] == PENDING || file[r].state[i] == OFFERED)
#define isName(k, f, payload) \
    (name[k].parent == f.parent && name[k].point == f.point && name[k].first == payload && name[k].epoch == f.epoch)

hidden byte i, j, k, point, says, first;

inline copyFile(to, from) {
    to.epoch = from.epoch; to.act = from.act; to.parent = from.parent; to.point = from.point; to.n = from.n;
    i = 1;
    do
    :: i < SIZE ->
        to.pay[i] = from.pay[i]; to.by[i] = from.by[i]; to.at[i] = from.at[i]; to.state[i] = from.state[i]; i++
    :: else -> break
    od;
    i = 0
}

inline forget(f) {
    f.epoch = 0; f.act = 0; f.parent = 0; f.point = 0; f.n = 0;
    i = 1;
    do :: i < SIZE -> f.pay[i] = 0; f.by[i] = 0; f.at[i] = 0; f.state[i] = 0; i++ :: else -> break od;
    i = 0
}

inline copyStore(to, from) {
    to.applied = from.applied;
    i = 0;
    do
    :: i < ACTORS ->
        to.line[i].frontier = from.line[i].frontier;
        j = 1;
        do :: j < SIZE -> to.line[i].digest[j] = from.line[i].digest[j]; j++ :: else -> break od;
        i++
    :: else -> break
    od;
    i = 0; j = 0
}

/* Names a fork: whoever forks alike gets the same name. */
inline nameFork(f, payload) {
    k = 1;
    do
    :: k < names && !isName(k, f, payload) -> k++
    :: else -> break
    od;
    assert(k < ACTORS);
    if
    :: k == names ->
        name[k].parent = f.parent; name[k].point = f.point; name[k].first = payload; name[k].epoch = f.epoch;
        names++
    :: else
    fi;
    f.act = k;
    k = 0
}

inline edit(r) {
    made++;
    printf("replica %d makes change-set %d\n", r, made);
    file[r].n++;
    k = file[r].n;
    file[r].pay[k] = made;
    file[r].state[k] = PENDING;
    if
    :: file[r].act == NOBODY -> nameFork(file[r], made); file[r].at[file[r].n] = 1
    :: file[r].act != NOBODY && k > 1 && file[r].by[k - 1] == file[r].act -> file[r].at[k] = file[r].at[k - 1] + 1
    :: else -> file[r].at[k] = 1
    fi;
    file[r].by[file[r].n] = file[r].act;
    k = 0
}

/* Stores what entry i of a request says, as far as it is not there. */
inline take(q) {
    j = q.by[i];
    if
    :: store.line[j].digest[q.at[i]] == q.pay[i]
    :: store.line[j].digest[q.at[i]] != q.pay[i] ->
        store.line[j].digest[q.at[i]] = q.pay[i];
        if :: store.line[j].frontier < q.at[i] -> store.line[j].frontier = q.at[i] :: else fi;
        store.applied = store.applied | (1 << q.pay[i]);
        assert(ever[j].pay[q.at[i]] == 0 || ever[j].pay[q.at[i]] == q.pay[i]); /* invariant 1 */
        ever[j].pay[q.at[i]] = q.pay[i]
    fi;
    j = 0
}

/* Up to where the line of a request's actor and the store's agree, and whether it is a fork. */
inline compare(q) {
    point = 0;
    says = OK;
    i = 1;
    do
    :: i <= q.n ->
        if
        :: q.by[i] == q.act ->
            if
            :: store.line[q.act].digest[q.at[i]] == q.pay[i] ->
                /* An equal digest means an equal line, and not that the store has all of it: it may have a gap. */
                if
#ifndef GAP_COUNTS
                :: point + 1 == q.at[i] -> point = q.at[i]
#else
                :: true -> point = q.at[i]
#endif
                :: else
                fi
            :: store.line[q.act].digest[q.at[i]] != q.pay[i] && q.at[i] <= store.line[q.act].frontier -> says = FORK
            :: else
            fi;
            j = q.at[i]
        :: else
        fi;
        i++
    :: else -> break
    od;
    if :: q.act != NOBODY -> if :: store.line[q.act].frontier > j -> says = FORK :: else fi :: else fi;
    i = 0; j = 0
}

inline serve(q) {
    if
#ifndef EPOCH_BLIND
    :: q.epoch != epoch ->
        compare(q);
        says = NEW_EPOCH
#endif
    :: else ->
        compare(q);
        i = 1;
        do
        :: says == OK && i <= q.n ->
            if
#ifdef GAP_REFUSED
            :: q.state[i] == OFFERED && q.at[i] > store.line[q.by[i]].frontier + 1
            :: q.state[i] == OFFERED && q.at[i] <= store.line[q.by[i]].frontier + 1 -> take(q)
            :: q.state[i] == PENDING -> take(q)
#else
            :: q.state[i] == OFFERED || q.state[i] == PENDING -> take(q)
#endif
            :: else
            fi;
            i++
        :: else -> break
        od;
        i = 0
    fi
}

inline exchange(r) {
    askedCount[r] = file[r].n;
    serve(file[r]);
    printf("replica %d asks as actor %d in epoch %d; the store says %d, both agree up to %d\n",
        r, file[r].act, file[r].epoch, says, point);
    waits[r] = true; answer[r] = says; replyPoint[r] = point;
    if :: saves > 0 -> replyCovers[r] = saved[saves - 1].applied :: else fi;
    says = 0; point = 0
}

/* What lies above the point goes on under a new name; the first of it gives the name. */
inline goOn(r) {
    file[r].parent = file[r].act;
    file[r].point = replyPoint[r];
    first = 0;
    i = 1;
    do
    :: i <= file[r].n ->
        if
        :: file[r].by[i] == file[r].parent && file[r].at[i] > replyPoint[r] ->
            if
            :: first == 0 -> first = i; nameFork(file[r], file[r].pay[i])
            :: else
            fi;
            file[r].by[i] = file[r].act;
            file[r].at[i] = i + 1 - first;
            file[r].state[i] = PENDING
        :: file[r].by[i] == file[r].parent && file[r].at[i] <= replyPoint[r] && file[r].state[i] == PENDING ->
            file[r].state[i] = CONFIRMED
        :: else
        fi;
        i++
    :: else -> break
    od;
    if :: first == 0 -> file[r].act = NOBODY :: else fi;
    i = 0; first = 0
}

inline beginEpoch(r) {
    file[r].epoch = epoch;
    i = 1;
    do
    :: i <= file[r].n ->
        if
        :: file[r].state[i] == CONFIRMED -> file[r].state[i] = OFFERED
        :: else
        fi;
        if /* the fork lies no lower than what was confirmed */
        :: file[r].by[i] == file[r].act && file[r].state[i] != PENDING && file[r].at[i] > replyPoint[r] ->
            replyPoint[r] = file[r].at[i]
        :: else
        fi;
        i++
    :: else -> break
    od;
    i = 0;
#ifndef SAME_ACTOR
    if :: file[r].act != NOBODY -> goOn(r) :: else fi
#endif
}

inline confirm(r) {
    i = 1;
    do
    :: i <= askedCount[r] ->
        if
#ifdef GAP_REFUSED
        :: isOpen(r) && store.line[file[r].by[i]].digest[file[r].at[i]] == file[r].pay[i] -> file[r].state[i] = CONFIRMED
#else
        :: isOpen(r) -> file[r].state[i] = CONFIRMED
#endif
        :: else
        fi;
        if
#ifdef DROP_ON_ACK
        :: file[r].state[i] == CONFIRMED -> file[r].state[i] = COVERED
#endif
        :: file[r].state[i] == CONFIRMED && replyCovers[r] & (1 << file[r].pay[i]) -> file[r].state[i] = COVERED
        :: else
        fi;
        i++
    :: else -> break
    od;
    i = 0
}

inline receive(r) {
    printf("replica %d gets the answer %d\n", r, answer[r]);
    if
    :: answer[r] == FORK -> goOn(r)
    :: answer[r] == NEW_EPOCH -> beginEpoch(r)
    :: else -> confirm(r)
    fi;
    forgetReply(r)
}

inline forgetReply(r) {
    waits[r] = false; answer[r] = 0; askedCount[r] = 0; replyPoint[r] = 0; replyCovers[r] = 0
}

/* A backup is put in the place of the store. What no device holds any more, and the backup does not have, is gone. */
inline restore(b) {
    printf("the store is restored from backup %d\n", b);
    copyStore(store, saved[b]);
    copyStore(saved[0], store);
    copyStore(saved[1], store);
    epoch = 1;
    saves = 1;
    j = 0;
    k = 0; /* what devices hold, a bit each */
    do
    :: j < 2 ->
        i = 1;
        do
        :: i <= file[j].n ->
            if /* a receipt that is on its way counts as read */
            :: file[j].state[i] != COVERED && !(replyCovers[j] & (1 << file[j].pay[i])) -> k = k | (1 << file[j].pay[i])
            :: else
            fi;
            i++
        :: else -> break
        od;
        j++
    :: else -> break
    od;
    i = 1;
    do
    :: i <= made ->
#ifndef DROP_ON_ACK
        if :: !((k | store.applied) & (1 << i)) -> gone = gone | (1 << i) :: else fi;
#endif
        i++
    :: else -> break
    od;
    i = 0; j = 0; k = 0
}

inline settleAll() {
    exchange(0); receive(0);
    if :: awake -> exchange(1); receive(1) :: else fi
}

inline judge(r) {
    i = 1;
    do
    :: i <= file[r].n ->
        assert(file[r].state[i] == CONFIRMED || file[r].state[i] == COVERED); /* invariant 3 */
        i++
    :: else -> break
    od;
    i = 0
}

init {
    do
    :: d_step { made < EDITS -> edit(0) }
    :: d_step { made < EDITS && awake -> edit(1) }
    :: d_step { sent < SENDS && !waits[0] -> sent++; exchange(0) }
    :: d_step { sent < SENDS && !waits[1] && awake -> sent++; exchange(1) }
    :: d_step { sent < SENDS && !waits[0] && !kept -> sent++; kept = true; copyFile(again, file[0]); exchange(0) }
    :: d_step { sent < SENDS && !waits[1] && awake && !kept ->
        sent++; kept = true; copyFile(again, file[1]); exchange(1) }
    :: d_step { waits[0] -> receive(0) }
    :: d_step { waits[1] -> receive(1) }
    :: d_step { waits[0] -> printf("that answer is lost\n"); forgetReply(0) }
    :: d_step { waits[1] -> printf("that answer is lost\n"); forgetReply(1) }
    :: d_step { kept && !cameAgain ->
        printf("an old request of actor %d comes again\n", again.act);
        cameAgain = true; serve(again); says = 0; point = 0;
        forget(again) }
    :: d_step { !awake -> printf("the file is copied\n"); awake = true; copyFile(file[1], file[0]) }
    :: d_step { saves < 2 && epoch == 0 -> printf("backup %d\n", saves); copyStore(saved[saves], store); saves++ }
    :: d_step { saves > 0 && epoch == 0 -> restore(saves - 1) }
    :: d_step { saves > 1 && epoch == 0 -> restore(saves - 2) }
    :: break
    od;
    true;
    d_step {
        printf("calm\n");
        if :: waits[0] -> forgetReply(0) :: else fi;
        if :: waits[1] -> forgetReply(1) :: else fi
    };
    d_step { settleAll() };
    d_step { settleAll() };
    d_step { settleAll() };
    d_step {
        settleAll();
        judge(0);
        judge(1);
        assert(((store.applied | gone) & 254) == ((2 << made) - 2)) /* invariant 2 */
    }
}
