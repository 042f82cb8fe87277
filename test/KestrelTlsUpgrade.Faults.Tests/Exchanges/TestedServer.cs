using KestrelTlsUpgrade.Faults.Tests.Accounts;
using KestrelTlsUpgrade.Testing;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using BadHttpRequestException = Microsoft.AspNetCore.Http.BadHttpRequestException;

namespace KestrelTlsUpgrade.Faults.Tests.Exchanges;

/// <summary>The server that most exchanges have.</summary>
internal static class TestedServer
{
    public static Task<UpgradeServer> StartAsync(
        ServerAccounts accounts, TimeSpan? timeout, Action<TlsUpgradeOptions>? upgrade = null, bool isUpgradable = true) =>
        UpgradeServer.StartAsync(
            options =>
            {
                options.Https.HandshakeTimeout = timeout ?? TimeSpan.FromHours(1);
                upgrade?.Invoke(options);
            },
            options => SetTimeouts(options, timeout),
            Map,
            accounts.Observe,
            isUpgradable);

    public static void SetTimeouts(KestrelServerOptions options, TimeSpan? timeout)
    {
        if (timeout is { } time)
        {
            options.Limits.KeepAliveTimeout = time;
            options.Limits.RequestHeadersTimeout = time;
            options.Limits.MinRequestBodyDataRate = new MinDataRate(1000, TimeSpan.FromSeconds(1.1));
        }
    }

    private static void Map(WebApplication app)
    {
        app.MapGet("/secret", AnswerAsync).RequireTlsUpgrade();
        app.MapFallback(AnswerAsync);
    }

    private static async Task AnswerAsync(HttpContext context)
    {
        string content;
        try
        {
            using var reader = new StreamReader(context.Request.Body);
            content = await reader.ReadToEndAsync(context.RequestAborted);
        }
        catch (BadHttpRequestException exception)
        {
            // Kestrel would have it as an error of the application.
            context.Response.StatusCode = exception.StatusCode;
            return;
        }

        var upgrade = context.Features.Get<ITlsUpgradeFeature>();

        // In two parts, and so in two records of TLS: an end between them is one that TLS itself finds nothing wrong with.
        await context.Response.WriteAsync($"{context.Request.Method} {context.Request.Path} {context.Request.Scheme} ");
        await context.Response.WriteAsync($"{upgrade?.State} {upgrade?.IsReplayedRequest} {content}.");
    }
}
