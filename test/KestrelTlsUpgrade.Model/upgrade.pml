/*
 * A model of the safety argument: who can be served what after a 101, with an attacker on the path. Model.md says what is modelled
 * and what is not; build/model runs it.
 *
 * One client makes one connection. Everything that is not fixed (settings, client, the attacker's moves) is chosen freely, and the
 * verifier tries every choice. What a run is about is read from the environment, so that one program does all runs:
 *   PROPERTY   1 to 5: the property to check (see Properties)
 *   REMOVED    the number of a rule to take out (see Rules)
 *   CLOSED     the number of a hole to count as a failure (see Holes)
 *   REACHED    claim that no client of this kind (its number) is ever served, which has to be wrong
 *   RELOAD     1: settings change once, to any others, between the 101 and the hello
 *   STEPS, FIRST, SECOND, THIRD, INSTANCES, RESTARTS, WAITS   settings change in named steps (see Scenarios)
 */

c_code {
  static int Given(const char *name)
  {
    const char *value = getenv(name);
    return value ? atoi(value) : 0;
  }
}

/* ---------------------------------------------------------------- What there is */

/* A and B are tenants of the server. N and M stand for addresses and names without a dot. C is only on the other https endpoint. */
mtype:host = { NoName, A, B, N, M, C };

mtype:direct = { Off, Http2Only, Any };
mtype:accepted = { Compatible, AwareOnly };
mtype:certificates = { OneName, Several, PerHost };
mtype:gate = { NotAsked, Allowed, Required, RequiredForB };
mtype:sibling = { NoSibling, SiblingHttp2, SiblingHttp11 };
mtype:mark = { NoMark, PlainMark, BoundMark };

/* Get and Head are what the client itself wrote in clear text; OtherGet is any GET that it did not write. Own is sent inside TLS. */
mtype:ask = { OptionsStar, Get, OtherGet, Head, Own, Refusal };

mtype:origin = { InClear, InTls };
mtype:part = { Answer, Content };
mtype:form = { Whole, Cut, Mangled };
mtype:route = { AfterUpgrade, Direct, Sibling };
mtype:verdict = { ServedInClear, Alert, Handshake };

/* Kinds of clients. */
#define Https11             1   /* https over HTTP/1.1 only: Python, older programs */
#define Https2              2   /* https, offers h2: curl, .NET, pages of browsers */
#define BrowserSocket       3   /* a browser's wss: offers http/1.1 only, shows GREASE or ECH */
#define MarkedHttps         4   /* https with the plain mark, which has no place there */
#define CompatibleOptions   5   /* upgrades with OPTIONS *, no mark: CUPS */
#define CompatibleGet       6   /* upgrades with GET, no mark: Apache HttpClient */
#define CompatibleHead      7   /* upgrades with HEAD, no mark: Apache HttpClient */
#define Aware               8   /* our client: upgrades with OPTIONS *, or GET /, and uses the answer to neither */
#define AwareGet            9   /* a bound mark, upgrades with its own GET and uses the answer */
#define OldAware           10   /* the plain mark only: upgrades with OPTIONS *, or HEAD / */
#define Intruder           11   /* the attacker's own TLS client, without a client certificate */

typedef Settings {
  mtype:direct direct;
  mtype:accepted accepted;
  mtype:certificates certificates;
  mtype:gate gate;
  bool trust           /* TrustClientCertificateOnReplay */
}

typedef ClearRequest {
  mtype:ask ask;
  mtype:host host;
  bool hint;           /* the member http/1.1-upgraded of the Upgrade list */
  bool tail            /* further octets behind the request */
}

/* Nobody can change a hello, so the server reads what the client wrote. How it is cut into records is the attacker's choice. */
typedef Hello {
  mtype:host name;     /* the server name, or NoName */
  bool h2;
  bool grease;         /* GREASE or ECH */
  mtype:mark mark;
  mtype:ask boundAsk;  /* what a bound mark is the hash of */
  mtype:host boundHost;
  bool certificate     /* the client has a client certificate, and sends it where asked */
}

/* What the run is about. */
byte property;
byte removed;
byte reached;
byte closed;
byte reload;
byte last;             /* the last step of a scenario, 0 where there is none */
byte steps[3];
bool twoInstances;
bool restarts;
bool waits;

/* The server, in each step of a change, and the step that each of two instances is at. */
Settings conf[3];
byte at[2];
mtype:sibling sibling;
bool siblingShares;    /* the sibling's certificate names A, which the upgrade endpoint's names too; else it names C */
bool foreign;          /* an upgrade server that knows RFC 2817 and none of these rules */

/* The client. */
byte kind;
mtype:host host;       /* where it wants to go */
ClearRequest asked;    /* what it wrote in clear text */
Hello hello;
bool worksDirectly;    /* when it sends its hello: https serves it on this endpoint without an attacker */
bool worksOnSibling;   /* or on the sibling */
bool wasCompatible;    /* the settings of the endpoint then */
bool wasAny;
bool underWay;         /* it has sent its hello */
bool finished;
bool served;

/* The connection to the server. */
ClearRequest got;      /* what the server received in clear text */
byte where;            /* the instance that received it */
byte snap;             /* the step that was in force when it answered */
bool open;             /* there is a 101 and no hello yet */
mtype:form form;       /* how the hello arrived */
mtype:route route;     /* where it arrived */
mtype:host name;       /* the server name that the handshake is for */
mtype:verdict verdict; /* what the server did */
byte certificate;      /* the names of the certificate that it showed */
bool confirmed;        /* it selected the bound mark */
bool completed;        /* the client took the certificate */

/* Inside TLS: requests by their host, answers by what they answer. Nobody can read or write there, only delay and cut off. */
chan inTls = [1] of { mtype:host };
chan answers = [5] of { mtype:part, mtype:ask, mtype:host, mtype:origin };

#define Bit(h) ((h) == A -> 1 : ((h) == B -> 2 : ((h) == N -> 4 : ((h) == M -> 8 : ((h) == C -> 16 : 0)))))
#define Names(certificate, h) (((certificate) & Bit(h)) != 0)
#define IsBare(h) ((h) == N || (h) == M)

#define IsHttps (kind <= MarkedHttps)
#define IsCompatible (kind >= CompatibleOptions && kind <= CompatibleHead)
#define IsAware (kind >= Aware && kind <= OldAware)

/* The names of the certificate that the settings have for a host: one certificate for all hosts, or one for each. */
#define CertificateOf(s, h) (conf[s].certificates == OneName -> 1 : (conf[s].certificates == Several -> 15 : \
  ((h) == A || (h) == B -> Bit(h) : ((h) == C -> 0 : 12))))
#define SiblingCertificate (siblingShares -> 1 : 16)

#define Requires(s, h) (conf[s].gate == Required || conf[s].gate == RequiredForB && (h) == B)
#define Asks(s, h) (conf[s].gate == Allowed || Requires(s, h))

/* What is in force at the hello. A process that is being replaced keeps its settings until its last connection has ended. */
#define Now (restarts -> snap : at[where])

/* ---------------------------------------------------------------- Rules */

/* Each has a number, by which it is taken out, and the property that fails then. build/model reads them from here. */

#define NO_TRAP                       1   /* P1: h2 on offer after a 101 is refused */
#define FIRST_RECORD_ALPN             2   /* P1: h2 and the mark are looked for in the whole hello, not in its first record */
#define FIRST_RECORD_NAME             3   /* P2: the server name is read from the whole hello, not from its first record */
#define FIRST_RECORD_GREASE           4   /* P1: GREASE and ECH are looked for in the whole hello, not in its first record */
#define UNREADABLE_PASSES             5   /* P1: a hello that cannot be read whole is refused */
#define CUT_IS_REFUSED                6   /* P5: a hello that was cut into records is put together */
#define NO_MARK_NEEDED                7   /* P1: AwareOnly refuses a hello without a mark */
#define GREASE_PASSES                 8   /* P1: Compatible refuses GREASE and ECH without a mark */
#define NO_BINDING                    9   /* P3: a bound mark has to match the request that the server received */
#define PLAIN_MARK_ON_GET            10   /* P3: the plain mark is enough for OPTIONS * only */
#define NO_ANNOUNCEMENT              11   /* none: a bound mark that no hint announced is refused */
#define NO_NAME_CHECK                12   /* P2: a server name other than the host of the request in clear text is refused */
#define NAMELESS_OK                  13   /* P2: no server name: only for an address, a name without a dot, or a certificate of one host */
#define NAMELESS_WITH_ANY_NAME       14   /* P2: and that one host has to be the host of the request */
#define TAIL_IS_READ                 15   /* P3: octets behind the request in clear text go to the handshake, which refuses them */
#define SNAPSHOT_VERDICT             16   /* P1, reload: what the settings in force at the hello refuse is refused */
#define CURRENT_VERDICT              17   /* P2, reload: what the settings at the 101 refuse is refused */
#define NO_DECLINE                   18   /* P5: AwareOnly serves offers without the hint in clear text, instead of a 101 bound to fail */
#define DIRECT_TAKES_MARK            19   /* P1: direct TLS refuses the mark */
#define DIRECT_TAKES_MARK_WITH_H2    20   /* P5: direct TLS refuses the mark with h2 beside it, too */
#define DIRECT_SERVES_HTTP11         21   /* P1: Http2Only serves HTTP/2 only */
#define NO_GATE                      22   /* P4: where a client certificate is required, an unbound replay gets the answer to OPTIONS *, or 403 */
#define CURRENT_GATE                 23   /* P4, reload: whether one is required is decided by the settings at the 101 */
#define SNAPSHOT_GATE                24   /* P4, reload: a hello is refused where the settings in force require one, for any host, that those at the 101 do not */
#define REPLAY_HAS_IDENTITY          25   /* P4: a replay does not carry the client certificate */
#define TRUST_WITHOUT_BINDING        26   /* P4: TrustClientCertificateOnReplay counts for bound marks only */
#define NO_MISDIRECTED               27   /* P4: a request inside TLS for a host with other terms than the handshake's gets 421 */
#define CLIENT_UPGRADES_WITH_HEAD    28   /* P3: our client never upgrades with HEAD */
#define CLIENT_NEEDS_NO_CONFIRMATION 29   /* P3: a client takes the first answer for its own only if the server selected its bound mark */

#define Without(rule) (removed == rule)

/* Reading. */
#define SeesAll(rule) (form == Whole || form == Cut && !Without(rule) || form == Mangled && !Without(rule) && !Without(UNREADABLE_PASSES))
#define SeenName (SeesAll(FIRST_RECORD_NAME) -> hello.name : NoName)
#define SeenHttp2 (SeesAll(FIRST_RECORD_ALPN) && hello.h2)
#define SeenMark (SeesAll(FIRST_RECORD_ALPN) -> hello.mark : NoMark)
#define SeenGrease (SeesAll(FIRST_RECORD_GREASE) && hello.grease)
#define Unreadable (form == Mangled && !Without(UNREADABLE_PASSES) || form == Cut && Without(CUT_IS_REFUSED))

/* The verdict after a 101: what does not depend on settings, and what does. */
#define OffersHttp2 (SeenHttp2 && !Without(NO_TRAP))
#define MarksOtherRequest (SeenMark == BoundMark && (hello.boundAsk != got.ask || hello.boundHost != got.host) && !Without(NO_BINDING))
#define MarksUnannounced (SeenMark == BoundMark && !got.hint && !Without(NO_ANNOUNCEMENT))
#define MarksPlainly (SeenMark == PlainMark && got.ask != OptionsStar && !Without(PLAIN_MARK_ON_GET))
#define HasOtherName (SeenName != NoName && SeenName != got.host && !Without(NO_NAME_CHECK))
#define HasTail (got.tail && !Without(TAIL_IS_READ))
#define Refused (Unreadable || OffersHttp2 || MarksOtherRequest || MarksUnannounced || MarksPlainly || HasOtherName || HasTail)

#define LacksMark(s) (conf[s].accepted == AwareOnly && SeenMark == NoMark && !Without(NO_MARK_NEEDED))
#define IsBrowser(s) (conf[s].accepted == Compatible && SeenGrease && SeenMark == NoMark && !Without(GREASE_PASSES))
#define NamesOneHost(s) (CertificateOf(s, got.host) == Bit(got.host) || Without(NAMELESS_WITH_ANY_NAME) && conf[s].certificates == OneName)
#define LacksName(s) (SeenName == NoName && !IsBare(got.host) && !NamesOneHost(s) && !Without(NAMELESS_OK))
#define RefusedBy(s) (LacksMark(s) || IsBrowser(s) || LacksName(s))
#define GateIsNew ((Requires(Now, A) && !Requires(snap, A) || Requires(Now, B) && !Requires(snap, B)) && !Without(SNAPSHOT_GATE))
#define RefusedBySettings (RefusedBy(snap) && !Without(CURRENT_VERDICT) || RefusedBy(Now) && !Without(SNAPSHOT_VERDICT) || GateIsNew)

/* The offer, and direct TLS. */
#define Declines (conf[snap].accepted == AwareOnly && !got.hint && !Without(NO_DECLINE))
#define DirectRefusesMark (hello.mark != NoMark && !Without(DIRECT_TAKES_MARK) && !(hello.h2 && Without(DIRECT_TAKES_MARK_WITH_H2)))
#define DirectServes(s) (conf[s].direct == Any || conf[s].direct == Http2Only && (hello.h2 || Without(DIRECT_SERVES_HTTP11)))

#define HasCertificate(s, h) (!Requires(s, h) || hello.certificate)
#define DirectTakes(s) (conf[s].direct != Off && !DirectRefusesMark && HasCertificate(s, hello.name))
#define UpgradeTakes (!Refused && !RefusedBySettings && HasCertificate(snap, (SeenName == NoName -> got.host : SeenName)))

/* Replays, and requests inside TLS. */
#define GateIsClosed (Without(CURRENT_GATE) -> Requires(Now, got.host) : Requires(snap, got.host))
#define ReplayIsForbidden (SeenMark != BoundMark && GateIsClosed && !Without(NO_GATE))
#define ReplayIsTrusted (conf[snap].trust && conf[Now].trust && (SeenMark == BoundMark || Without(TRUST_WITHOUT_BINDING)))
#define ReplayHasIdentity (ReplayIsTrusted || Without(REPLAY_HAS_IDENTITY))
#define IsMisdirected(s, name, h) (Requires(s, name) != Requires(s, h) && !Without(NO_MISDIRECTED))

/* ---------------------------------------------------------------- Holes */

/* Where a property does not hold. Each has a number, by which it can be closed: then the property has to fail. */

#define Hole(number, x) (closed != number && (x))
#define ShowsNothing (!hello.h2 && !hello.grease && hello.mark == NoMark)

/* HOLE 1, https over HTTP/1.1 under Compatible: An https client that speaks HTTP/1.1 only and shows neither GREASE nor ECH, where upgrades are Compatible under a name that
   https with HTTP/1.1 is served under, by DirectTls = Any or by another endpoint. (In the scenarios no step has that by itself.) */
#define HOLE_HTTP11 Hole(1, ShowsNothing && wasCompatible && (last == 0 || reload > 0) \
  && (wasAny && worksDirectly || sibling == SiblingHttp11 && worksOnSibling))

/* HOLE 2, not served by https: The same client, where no https endpoint serves it under that name: it gets no answer there unless somebody attacks it. */
#define HOLE_NOT_SERVED Hole(2, ShowsNothing && !worksDirectly && !worksOnSibling)

/* HOLE 3, the mark on https: A client that offers the plain mark over https, which direct TLS here refuses: it may get the answer to OPTIONS *. */
#define HOLE_MARK_ON_HTTPS Hole(3, hello.mark == PlainMark && !hello.h2 && got.ask == OptionsStar && !worksDirectly)

/* HOLE 4, upgrade without a mark: A client that upgrades without a mark cannot tell that its request in clear text was swapped for another one. */
#define HOLE_NO_MARK Hole(4, IsCompatible)

/* HOLE 5, upgrade without a mark by HEAD: If it upgrades with HEAD, the content of the answer to that other request may pass for the next answer. */
#define HOLE_HEAD Hole(5, kind == CompatibleHead)

/* HOLE 6, no server name: A client that sends no server name may get what an address, or a name without a dot, is answered with. */
#define HOLE_NO_NAME(h) Hole(6, hello.name == NoName && IsBare(h))

/* HOLE 7, another server name: A client that sends another server name than the host that it asks for may get that name's answer. */
#define HOLE_OTHER_NAME(h) Hole(7, hello.name != host && hello.name == (h))

/* ---------------------------------------------------------------- Properties */

/* P1, no answer to somebody else's request: an https client never takes an answer to somebody else's request in clear text for the answer to its own; nor does a client
       without a mark that upgrades. */
#define CheckP1(x) assert(property != 1 || (x))

/* P2, no answer for another host: no client gets an answer for another host than the one that it asked for. */
#define CheckP2(h) assert(property != 2 || (h) == NoName || (h) == host || HOLE_NO_NAME(h) || HOLE_OTHER_NAME(h))

/* P3, a mark gets the answer to what was asked: a client with a mark gets the answer to what it asked, also from a server that knows none of these rules. */
#define CheckP3(x) assert(property != 3 || (x))

/* P4, no gate passed and no identity lent: nothing runs behind a gate, or with a certificate's identity, that the holder of the certificate did not write. */
#define CheckP4(x) assert(property != 4 || (x))

/* P5, served are those who should be: with nobody in the way exactly those clients are served that should be (see ShouldBeServed). */
#define CheckP5(x) assert(property != 5 || (x))

/* ---------------------------------------------------------------- The server */

/* A request in clear text with an offer arrives. It is answered by 101, or as if there were no offer. */
inline ReceiveRequest() {
  snap = at[where];
  open = foreign || !Declines
}

/* What was refused leaves nothing behind. */
inline Refuse(how) {
  got.ask = 0; got.host = 0; got.hint = false; got.tail = false;
  where = 0; snap = 0; form = 0; route = 0; name = 0;
  verdict = how
}

/* A hello arrives, after a 101, on direct TLS or at the sibling. */
inline ReceiveHello(at_route) {
  route = at_route;
  if
  :: route == Sibling && (sibling == SiblingHttp11 || sibling == SiblingHttp2 && hello.h2) ->
    certificate = SiblingCertificate;
    verdict = Handshake
  :: route == Direct && DirectTakes(at[where]) ->
    snap = at[where];
    name = hello.name;
    certificate = CertificateOf(snap, name);
    verdict = Handshake
  :: route == AfterUpgrade && foreign ->
    certificate = Bit(host);
    verdict = Handshake
  :: route == AfterUpgrade && !foreign && UpgradeTakes ->
    name = (SeenName == NoName -> got.host : SeenName);
    certificate = CertificateOf(snap, name);
    confirmed = (SeenMark == BoundMark);
    verdict = Handshake
  :: else -> Refuse(Alert)
  fi;
  open = false
}

/* The application runs a request that came over TLS. */
inline Run(from) {
  CheckP4(!(identity || Requires(snap, h) || Requires(Now, h))
    || hello.certificate && (from == InTls || what == asked.ask && h == asked.host));
  answers ! Answer, what, h, from;
  if
  :: what != Head -> answers ! Content, what, h, from
  :: else
  fi
}

/* Inside TLS: the replay, and then what the client sends. */
proctype Server() {
  mtype:ask what;
  mtype:host h;
  bool identity;

end_handshake:
  atomic {
    completed ->
    if
    :: route == AfterUpgrade ->
      what = got.ask; h = got.host;
      if
      :: what == OptionsStar -> answers ! Answer, OptionsStar, NoName, InClear     /* Ours, the same for every host. */
      :: what != OptionsStar && !foreign && ReplayIsForbidden -> answers ! Answer, Refusal, NoName, InClear
      :: else -> identity = hello.certificate && Asks(snap, name) && ReplayHasIdentity; Run(InClear)
      fi;
      if
      :: got.tail && !foreign -> what = OtherGet; identity = false; Run(InClear)
      :: else
      fi
    :: else
    fi
  };

end_request:
  atomic {
    inTls ? h;
    if
    :: route == Direct && !DirectServes(snap) || route != Sibling && !foreign && IsMisdirected(snap, name, h) ->
      answers ! Answer, Refusal, NoName, InTls
    :: route == Sibling -> answers ! Answer, Own, h, InTls
    :: else -> what = Own; identity = hello.certificate && Asks(snap, name); Run(InTls)
    fi;
    goto end_request
  }
}

/* ---------------------------------------------------------------- The path */

/* Segments and records are cut as the sender pleases, and as the attacker does. Only he mangles: empty records, others in between. */
inline ChooseForm() {
  if
  :: form = Whole
  :: last == 0 -> form = Cut
  :: last == 0 && property != 5 -> form = Mangled
  fi
}

inline ChooseInstance() {
  if
  :: where = 0
  :: twoInstances -> where = 1
  fi
}

/* Nobody in the way. */
proctype Network() {
end_network:
  atomic {
    underWay && verdict == 0 ->
    ChooseForm();
    if
    :: IsHttps && worksOnSibling -> ReceiveHello(Sibling)
    :: IsHttps && !worksOnSibling -> ReceiveHello(Direct)
    :: else ->
      got.ask = asked.ask; got.host = asked.host; got.hint = asked.hint;
      ReceiveRequest();
      if
      :: open -> ReceiveHello(AfterUpgrade)
      :: else -> Refuse(ServedInClear)
      fi
    fi;
    goto end_network
  }
}

/* Any request in clear text: the client's own, OPTIONS *, or another, for any host, with or without hint and tail. */
inline AskInClear() {
  if
  :: got.ask = OptionsStar
  :: got.ask = OtherGet
  :: asked.ask == Head -> got.ask = Head
  :: asked.ask == Get || last > 0 -> got.ask = Get
  fi;
  if
  :: got.host = A
  :: got.host = B
  :: got.host = N
  :: got.host = M
  :: got.host = C
  fi;
  if
  :: got.hint = true
  :: got.hint = false
  fi;
  if
  :: last == 0 && form == Whole -> got.tail = true
  :: got.tail = false
  fi;
  ChooseInstance();
  ReceiveRequest()
}

/* The attacker. To a client that upgrades he says 101 himself whenever he likes, so that it sends its hello. Then he puts that behind a
   request in clear text, or somewhere else. When he makes the request matters only where settings change. */
proctype Attacker() {
end_attacker:
  atomic {
    if
    :: last > 0 && !open && verdict == 0 && !(reload == 1 && at[0] == 1) -> AskInClear()
    :: underWay && verdict == 0 ->
      ChooseForm();
      if
      :: open -> ReceiveHello(AfterUpgrade)
      :: !open ->
        AskInClear();
        if
        :: open -> ReceiveHello(AfterUpgrade)
        :: else -> Refuse(Alert)
        fi
      :: !open -> ChooseInstance(); ReceiveHello(Direct)
      :: !open && sibling != NoSibling -> ReceiveHello(Sibling)
      fi
    fi;
    goto end_attacker
  }
}

/* ---------------------------------------------------------------- The client */

inline ChooseClient() {
  if
  :: property != 3 -> kind = Https11
  :: property != 3 -> kind = Https2; hello.h2 = true
  :: property != 3 -> kind = BrowserSocket; hello.grease = true
  :: property != 3 -> kind = MarkedHttps
  :: property != 3 -> kind = MarkedHttps; hello.h2 = true
  :: property != 3 -> kind = CompatibleOptions; asked.ask = OptionsStar
  :: property != 3 -> kind = CompatibleGet; asked.ask = Get
  :: property != 3 -> kind = CompatibleHead; asked.ask = Head
  :: kind = AwareGet; asked.ask = Get
  :: kind = Aware; asked.ask = OptionsStar
  /* Its second way, which an attacker can bring it to by making the answer to OPTIONS * useless (with close, for one). */
  :: kind = Aware; asked.ask = (Without(CLIENT_UPGRADES_WITH_HEAD) -> Head : Get)
  :: kind = OldAware; asked.ask = OptionsStar
  :: !foreign -> kind = OldAware; asked.ask = Head
  :: property == 4 -> kind = Intruder
  fi;

  /* B is A's like, so clients of one of them are enough, but for the attacker's own. */
  if
  :: host = A
  :: host = N
  :: last == 0 -> host = C
  :: kind == Intruder -> host = B
  fi;
  if
  :: !IsHttps && kind != Intruder -> asked.host = host
  :: else
  fi;

  /* The server name is sent, or not, or is another host's. Addresses are never sent. */
  if
  :: !IsBare(host) -> hello.name = host
  :: hello.name = NoName
  :: last == 0 -> hello.name = B
  :: kind == Intruder -> hello.name = A
  fi;

  if
  :: kind == Aware || kind == AwareGet -> asked.hint = true; hello.mark = BoundMark; hello.boundAsk = asked.ask; hello.boundHost = host
  :: kind == OldAware -> asked.hint = true; hello.mark = PlainMark
  :: kind == OldAware -> asked.hint = false; hello.mark = PlainMark
  :: kind == MarkedHttps -> hello.mark = PlainMark
  :: kind == Intruder -> hello.mark = PlainMark
  :: kind == Intruder -> hello.mark = BoundMark; hello.boundAsk = OtherGet; hello.boundHost = host
  :: !IsAware && kind != MarkedHttps -> hello.mark = NoMark
  fi;

  /* A client certificate decides what runs as whom, not which answer a client gets. */
  if
  :: kind != Intruder && property >= 4 -> hello.certificate = true
  :: hello.certificate = false
  fi
}

/* What the client checks the certificate for: the name that it sends, or else the host. */
#define Checked (hello.name == NoName -> host : hello.name)

#define WorksDirectly(s) (!DirectRefusesMark && DirectServes(s) && Names(CertificateOf(s, hello.name), Checked))

inline SendHello() {
  worksDirectly = WorksDirectly(at[0]) || twoInstances && WorksDirectly(at[1]);
  worksOnSibling = (sibling == SiblingHttp11 || sibling == SiblingHttp2 && hello.h2) && Names(SiblingCertificate, Checked);
  wasCompatible = conf[at[0]].accepted == Compatible;
  wasAny = conf[at[0]].direct == Any;
  underWay = true
}

/* The clients that have to be served, said without the rules. Model.md has it as a table. */
#define NameIsFine (hello.name == host || hello.name == NoName && (IsBare(host) || host == A && conf[0].certificates != Several))
#define IsNamed (conf[0].certificates == OneName && Checked == A || conf[0].certificates != OneName && Checked != C)
#define PassesGate(h) (hello.certificate || conf[0].gate != Required && !(conf[0].gate == RequiredForB && (h) == B))
#define TakesUpgrade (kind == CompatibleOptions || kind == Aware || kind == AwareGet || kind == OldAware && asked.ask == OptionsStar \
  || (kind == CompatibleGet || kind == CompatibleHead) && conf[0].gate != Required)
#define TakesHttps (worksOnSibling \
  || IsNamed && (hello.name != NoName || IsBare(host) || conf[0].certificates != PerHost) && hello.mark == NoMark && PassesGate(hello.name) \
  && !(conf[0].gate == RequiredForB && hello.name != host && hello.name == B) \
  && (conf[0].direct == Any || conf[0].direct == Http2Only && hello.h2))
#define ShouldBeServed (IsHttps -> TakesHttps : (conf[0].accepted == AwareOnly && !asked.hint -> IsCompatible : \
  NameIsFine && IsNamed && PassesGate(host) && TakesUpgrade))

proctype Client() {
  mtype:part part;
  mtype:ask what;
  mtype:host h;
  mtype:origin from;

  atomic { reload != 1 || at[0] == 1 -> ChooseClient(); SendHello() };

  atomic {
    verdict != 0 ->
    if
    :: verdict == ServedInClear -> served = IsCompatible; goto done             /* Which only those accept. */
    :: verdict == Alert -> goto done
    :: verdict == Handshake && kind != Intruder && !Names(certificate, Checked) -> goto done
    :: else -> completed = true
    fi
  };

  atomic {
    if
    :: IsHttps || kind == Intruder
    :: else ->
      answers ? part, what, h, from;
      CheckP2(h);
      if
      :: what == Refusal -> goto done
      :: IsCompatible && what != Refusal -> CheckP1(what == asked.ask || HOLE_NO_MARK)
      :: kind == AwareGet && what != Refusal ->
        if
        :: confirmed || Without(CLIENT_NEEDS_NO_CONFIRMATION) -> CheckP3(what == asked.ask && h == asked.host)
        :: else -> goto done
        fi
      :: else
      fi;

      /* A client reads as much content as goes with the method that it believes to have used. */
      if
      :: what == OptionsStar || asked.ask == Head
      :: else -> answers ? Content, _, _, _
      fi
    fi;
    inTls ! host
  };

  atomic {
    answers ? part, what, h, from;
    CheckP2(h);
    if
    :: IsHttps -> CheckP1(from == InTls || HOLE_HTTP11 || HOLE_NOT_SERVED || HOLE_MARK_ON_HTTPS)
    :: IsCompatible -> CheckP1(part == Answer && from == InTls || HOLE_HEAD)
    :: IsAware -> CheckP3(part == Answer && from == InTls)
    :: else
    fi;
    served = (part == Answer && from == InTls && what == Own)
  };

done:
  atomic {
    finished = true;
    CheckP5(served == ShouldBeServed);
    assert(!(served && kind == reached));
    part = 0; what = 0; h = 0; from = 0
  };

end_gone:
  false
}

/* ---------------------------------------------------------------- Settings, and how they change */

/* A gate for some hosts and the trust in replays matter to what runs as whom: P4 and P5. Where settings change, P1 is about direct TLS
   and who is accepted, P2 about certificates, P4 about gates. */
inline ChooseSettings(s) {
  if
  :: reload == 0 || property == 1 -> conf[s].direct = Off
  :: reload == 0 || property == 1 -> conf[s].direct = Http2Only
  :: conf[s].direct = Any
  fi;
  if
  :: conf[s].accepted = Compatible
  :: conf[s].accepted = AwareOnly
  fi;
  if
  :: reload == 0 || property == 2 -> conf[s].certificates = OneName
  :: reload == 0 || property != 4 -> conf[s].certificates = Several
  :: reload == 0 || property != 1 -> conf[s].certificates = PerHost
  fi;
  if
  :: conf[s].gate = NotAsked
  :: reload == 0 || property == 4 -> conf[s].gate = Required
  :: property >= 4 -> conf[s].gate = Allowed
  :: property >= 4 && conf[s].certificates == PerHost -> conf[s].gate = RequiredForB
  fi;
  if
  :: property >= 4 -> conf[s].trust = true
  :: conf[s].trust = false
  fi
}

inline ChooseSibling() {
  if
  :: sibling = NoSibling
  :: property != 4 -> sibling = SiblingHttp2
  :: property != 4 -> sibling = SiblingHttp11
  fi;
  if
  :: sibling != NoSibling -> siblingShares = true
  :: siblingShares = false
  fi
}

/* Scenarios. The steps are numbers: 1 Http2Only with Compatible, 2 Http2Only with AwareOnly, 3 Any with Compatible, 4 Any with AwareOnly. */
inline Step(s, number) {
  conf[s].direct = (number <= 2 -> Http2Only : Any);
  conf[s].accepted = (number % 2 == 1 -> Compatible : AwareOnly);
  conf[s].gate = NotAsked;
  conf[s].certificates = Several
}

/* A step is taken on one instance after the other, and the next step begins when both are there: at once, or, where the operator
   waits, when no connection from before is under way, neither one with a 101 nor one with a hello. Where settings change to any
   others, the 101 is older than the change, and the hello is not. */
#define MayBegin (reload != 1 && !waits || reload == 1 && open || waits && !open && (!underWay || finished))

proctype Operator() {
end_operator:
  do
  :: atomic { (!twoInstances || at[0] == at[1]) && at[0] < last && MayBegin -> at[0]++ }
  :: atomic { twoInstances && at[0] == at[1] && at[1] < last && MayBegin -> at[1]++ }
  :: atomic { twoInstances && at[0] < at[1] -> at[0]++ }
  :: atomic { twoInstances && at[0] > at[1] -> at[1]++ }
  od
}

init {
  atomic {
    c_code {
      now.property = Given("PROPERTY");
      now.removed = Given("REMOVED");
      now.reached = Given("REACHED");
      now.closed = Given("CLOSED");
      now.reload = Given("RELOAD");
      now.last = now.reload ? 1 : Given("STEPS") ? Given("STEPS") - 1 : 0;
      now.twoInstances = Given("INSTANCES") == 2;
      now.restarts = Given("RESTARTS");
      now.waits = Given("WAITS");
      now.steps[0] = Given("FIRST");
      now.steps[1] = Given("SECOND");
      now.steps[2] = Given("THIRD");
    };
    if
    :: property == 3 -> foreign = true
    :: foreign = false
    fi;
    if
    :: foreign
    :: !foreign && last > 0 && reload == 0 ->
      Step(0, steps[0]); Step(1, steps[1]); Step(2, steps[2])
    :: !foreign && reload > 0 -> ChooseSettings(0); ChooseSettings(1); ChooseSibling()
    :: else -> ChooseSettings(0); ChooseSibling()
    fi;
    run Server();
    if
    :: property == 5 -> run Network()
    :: else -> run Attacker()
    fi;
    if
    :: last > 0 -> run Operator()
    :: else
    fi;
    run Client()
  }
}
