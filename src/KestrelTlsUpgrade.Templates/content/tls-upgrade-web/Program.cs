var builder = WebApplication.CreateBuilder(args);

// The plaintext endpoints of this host can switch to TLS in place. Development makes a certificate; anywhere else, set one:
// "TlsUpgrade": { "Certificate": { "Path": "server.crt", "KeyPath": "server.key" } }
//
// From clear text to TLS in five steps. Each is a change of "TlsUpgrade" in appsettings.json, which applies while the server runs and can
// be taken back. Before each, the report says whom it would meet (/tls, or: tls-upgrade advise http://localhost:8080/tls).
//   1. "Offers": "None", "Requirement": "ReportOnly"            look on; nobody is upgraded or refused (as it is now)
//   2. "Offers": "WhereRequired", "Requirement": "ReportOnly"   offers are accepted for what requires TLS
//   3. "Offers": "WhereRequired", "Requirement": "Enforce"      in clear text it is refused
//   4. "Offers": "All"                                          every offer is accepted
//   5. app.RequireTlsUpgrade() below                            nothing is served in clear text any more
builder.WebHost.UseTlsUpgrade();
builder.Services.AddTlsUpgradeReport();
builder.Services.AddHealthChecks().AddTlsUpgrade();

var app = builder.Build();

// Step 5:
// app.RequireTlsUpgrade();

app.MapGet("/", () => "over TLS or not\n");
app.MapGet("/secret", () => "over TLS only, from step 3 on\n").RequireTlsUpgrade();
app.MapHealthChecks("/health");

// Outside Development it takes a policy: MapTlsUpgradeReport("/tls").RequireAuthorization("ops")
app.MapTlsUpgradeReport("/tls");
app.Run();
