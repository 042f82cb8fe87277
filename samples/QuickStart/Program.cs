using KestrelTlsUpgrade;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http.Features;

var builder = WebApplication.CreateBuilder(args);
builder.WebHost.UseTlsUpgrade();
builder.Services.AddTlsUpgradeReport();

var app = builder.Build();
app.MapGet("/", Describe);
app.MapGet("/secret", (HttpContext context) => "This page is served over TLS only.\n" + Describe(context)).RequireTlsUpgrade();
app.MapTlsUpgradeReport("/tls");
app.Run();

static string Describe(HttpContext context)
{
    var upgrade = context.Features.GetRequiredFeature<ITlsUpgradeFeature>();
    var tls = context.Features.Get<ITlsHandshakeFeature>();
    return $"""
        This request arrived: {upgrade.State}
        Protocol:             {context.Request.Protocol} with scheme {context.Request.Scheme}
        TLS:                  {(tls is null ? "none" : $"{tls.Protocol}, {tls.NegotiatedCipherSuite}")}
        Upgrade token:        {upgrade.Token ?? "none"}
        Replayed:             {(upgrade.IsReplayedRequest ? "yes, it was received in clear text" : "no")}

        """;
}
