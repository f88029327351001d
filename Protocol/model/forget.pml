/* Forgetting a deleted record, against a straggler: is an edit ever lost, does the record ever come back, does any device keep a ghost?

   What stands for what (causality.md, "Forgetting"):
   - one record    EXISTS, DELETED (the tombstone) or COLLECTED, with the sequence of its last change, the edits that stand, a bit
                   each, and those that the delete had seen. DELETED beside an edit that it had not seen is contested.
   - a file        base (what it shows of the record), its checkpoint, an edit or a delete that waits. File 0 is a device, file 1 a
                   second, file 2 a copy of file 1 that says it is the same device.
   - ask, close    a request pushes, states the checkpoint, and gets the first page; the last page comes later, or never. Between them
                   anything may happen, also a collection. The closing moves the checkpoint to the head.
   - collect       when the delete is not contested and its sequence is acknowledged by every device that is waited for. The horizon is
                   the sequence of the last change that was collected.
   - expire        the second device is not waited for until it comes again.
   - manifest      a checkpoint below the horizon cannot be told what is missing: base is compared whole. This is asked of the
                   checkpoint, whoever states it, and at the close, since the horizon may pass it between two pages.
   - held          an edit of a record that the store no longer knows.

   Invariants: (1) a collected record does not come back; (2) in the end every edit stands, was seen by the delete, or is held;
   (3) in the end every file shows what the store has.

   Bounds: three files; each edits once and deletes once; SENDS requests before the calm. Backups are left out: what a restore brings
   back is the subject of push.pml.

   Planted mistakes: -DNO_MANIFEST (deltas alone, for whoever is not expired), -DHORIZON_AT_START (the horizon is compared with the
   first page only), -DCOMES_BACK (an edit of a collected record makes it anew), -DEDIT_DROPPED (such an edit is not kept),
   -DCONTESTED_TOO (a contested record is collected). */

#ifndef SENDS
#define SENDS 5
#endif
#define ABSENT 0
#define EXISTS 1
#define DELETED 2
#define COLLECTED 3

byte life = EXISTS, last = 1, head = 1, stand, seen, horizon;
byte base[3], shown[3]; /* shown: the edits in base, a bit each */
byte checkpoint[3];
bool edits[3], deletes[3], hasEdited[3], hasDeleted[3];
byte deleteSaw[3];
byte paged[3], pagedShown[3]; /* what the first page said */
bool pulls[3], byManifest[3];
byte acknowledged[2];
bool waitedFor[2], awake, expired;
byte made, held, sent;
bool wasCollected;

#define device(f) (f > 0 -> 1 : 0)
#define isContested (stand & ~seen)

inline edit(f) {
    printf("file %d edits\n", f);
    hasEdited[f] = true; edits[f] = true; made = made | (1 << f)
}

inline delete(f) {
    printf("file %d deletes, having seen %d\n", f, shown[f]);
    hasDeleted[f] = true; deletes[f] = true;
    deleteSaw[f] = shown[f] | (hasEdited[f] -> 1 << f : 0)
}

inline push(f) {
    if
    :: edits[f] && life != COLLECTED -> head++; last = head; stand = stand | (1 << f)
    :: edits[f] && life == COLLECTED ->
#ifdef COMES_BACK
        head++; last = head; life = EXISTS; stand = stand | (1 << f)
#else
#ifndef EDIT_DROPPED
        held = held | (1 << f)
#else
        true
#endif
#endif
    :: else
    fi;
    edits[f] = false;
    if
    :: deletes[f] && life != COLLECTED -> head++; last = head; life = DELETED; seen = seen | deleteSaw[f]
    :: else
    fi;
    deletes[f] = false
}

inline ask(f) {
    push(f);
    acknowledged[device(f)] = checkpoint[f];
    waitedFor[device(f)] = true;
    pulls[f] = true;
#ifndef NO_MANIFEST
    byManifest[f] = checkpoint[f] < horizon;
#endif
    if
    :: life == COLLECTED -> paged[f] = (byManifest[f] -> ABSENT : base[f]); pagedShown[f] = (byManifest[f] -> 0 : shown[f])
    :: else -> paged[f] = life; pagedShown[f] = stand
    fi;
    printf("file %d asks with checkpoint %d; life %d, last %d, horizon %d\n", f, checkpoint[f], life, last, horizon)
}

inline close(f) {
#ifndef NO_MANIFEST
#ifndef HORIZON_AT_START
    byManifest[f] = checkpoint[f] < horizon;
#endif
#endif
    if
    :: life != COLLECTED -> base[f] = life; shown[f] = stand
    :: life == COLLECTED && byManifest[f] -> base[f] = ABSENT; shown[f] = 0
    :: else -> base[f] = paged[f]; shown[f] = pagedShown[f]
    fi;
    checkpoint[f] = head;
    printf("file %d has life %d at %d\n", f, base[f], head);
    drop(f)
}

inline drop(f) { pulls[f] = false; byManifest[f] = false; paged[f] = 0; pagedShown[f] = 0 }

/* A device edits what it shows, and not what it shows as deleted. */
#define mayEdit(f) (base[f] == EXISTS && !hasEdited[f] && !deletes[f])
#define mayDelete(f) (base[f] == EXISTS && !hasDeleted[f])
#define mayAsk(f) (sent < SENDS && !pulls[f])
#define isAcknowledged(d) (!waitedFor[d] || acknowledged[d] >= last)

inline judge(f) {
    /* invariant 3; a tombstone that a file still has, and the store has collected, shows nothing either */
    assert(life == COLLECTED && (base[f] == ABSENT || base[f] == DELETED) || base[f] == life && shown[f] == stand)
}

init {
    d_step {
        base[0] = EXISTS; base[1] = EXISTS; checkpoint[0] = 1; checkpoint[1] = 1;
        waitedFor[0] = true; waitedFor[1] = true
    }
    do
    :: d_step { mayEdit(0) -> edit(0) }
    :: d_step { mayEdit(1) -> edit(1) }
    :: d_step { awake && mayEdit(2) -> edit(2) }
    :: d_step { mayDelete(0) -> delete(0) }
    :: d_step { mayDelete(1) -> delete(1) }
    :: d_step { mayAsk(0) -> sent++; ask(0) }
    :: d_step { mayAsk(1) -> sent++; ask(1) }
    :: d_step { awake && mayAsk(2) -> sent++; ask(2) }
    :: d_step { pulls[0] -> close(0) }
    :: d_step { pulls[1] -> close(1) }
    :: d_step { pulls[2] -> close(2) }
    :: d_step { pulls[0] -> drop(0) }
    :: d_step { pulls[1] -> drop(1) }
    :: d_step { pulls[2] -> drop(2) }
    :: d_step { !awake && !edits[1] && !deletes[1] ->
        printf("the second file is copied\n");
        awake = true; base[2] = base[1]; shown[2] = shown[1]; checkpoint[2] = checkpoint[1] }
    :: d_step { !expired && !pulls[1] && !pulls[2] ->
        printf("the second device is expired\n"); expired = true; waitedFor[1] = false }
#ifdef CONTESTED_TOO
    :: d_step { life == DELETED && isAcknowledged(0) && isAcknowledged(1) ->
#else
    :: d_step { life == DELETED && !isContested && isAcknowledged(0) && isAcknowledged(1) ->
#endif
        printf("the record is collected\n");
        life = COLLECTED; horizon = last; wasCollected = true; stand = stand & seen }
    :: break
    od;
    true;
    d_step {
        printf("calm\n");
        drop(0); drop(1); drop(2);
        ask(0); close(0); ask(1); close(1);
        if :: awake -> ask(2); close(2) :: else fi;
        ask(0); close(0); ask(1); close(1);
        if :: awake -> ask(2); close(2) :: else fi;
        assert(!wasCollected || life == COLLECTED); /* invariant 1 */
        assert((made & ~(stand | seen | held)) == 0); /* invariant 2 */
        judge(0);
        judge(1);
        if :: awake -> judge(2) :: else fi
    }
}
