using KestrelTlsUpgrade;
using OpenTelemetry.Metrics;
using OpenTelemetry.Trace;

var builder = WebApplication.CreateBuilder(args);
builder.WebHost.UseTlsUpgrade();
builder.Services.AddHealthChecks().AddTlsUpgrade();
builder.Services.AddHttpLogging();
builder.Services.AddOpenTelemetry()
    .WithMetrics(metrics => metrics
        .AddMeter("KestrelTlsUpgrade", "Microsoft.AspNetCore.Server.Kestrel")
        .AddPrometheusExporter())
    .WithTracing(tracing => tracing
        .AddAspNetCoreInstrumentation(options => options.Filter = context => !IsOperations(context))
        .AddConsoleExporter());

var app = builder.Build();

// Those who look after the server come by an endpoint of their own, which nothing upgrades: they are not what is measured.
app.UseOpenTelemetryPrometheusScrapingEndpoint(context => IsOperations(context) && context.Request.Path == "/metrics");
app.UseWhen(IsOperations, operations => operations.UseHealthChecks("/health"));

// In front of routing, which refuses what requires TLS: so the refusals are logged too.
app.UseHttpLogging();
app.UseRouting();
app.MapGet("/", () => "In clear text or over TLS.\n");
app.MapGet("/secret", () => "Over TLS only.\n").RequireTlsUpgrade();
app.Run();

static bool IsOperations(HttpContext context) => context.Features.Get<ITlsUpgradeFeature>() is null;
