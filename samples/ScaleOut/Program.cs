using System.Net;
using KestrelTlsUpgrade;

var builder = WebApplication.CreateBuilder(args);

// A caller that TLS fails for at one instance is served in clear text by the others too.
if (builder.Configuration["Redis"] is { } redis)
{
    builder.Services.AddStackExchangeRedisCache(options => options.Configuration = redis);
    builder.Services.AddTlsUpgrade(options => options.ShareFallback = true);
}

builder.Services.AddTlsUpgrade();
builder.WebHost.ConfigureKestrel(kestrel => kestrel.ConfigureEndpointDefaults(endpoint =>
{
    endpoint.UseProxyProtocol(options => options.KnownProxies.Add(IPAddress.Loopback));
    endpoint.UseTlsUpgrade();
}));

var app = builder.Build();
var instance = app.Configuration["Instance"];
app.MapGet("/", (HttpContext context) =>
{
    var state = context.Features.Get<ITlsUpgradeFeature>()?.State;
    return $"{instance}: {state}, from {context.Connection.RemoteIpAddress} port {context.Connection.RemotePort}\n";
});
app.Run();
