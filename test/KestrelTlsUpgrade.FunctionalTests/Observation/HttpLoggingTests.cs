using KestrelTlsUpgrade.FunctionalTests.Combinations;
using KestrelTlsUpgrade.Testing;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.HttpLogging;
using Microsoft.Extensions.DependencyInjection;

namespace KestrelTlsUpgrade.FunctionalTests.Observation;

/// <summary>The logs of ASP.NET Core's own middleware show how requests arrived.</summary>
public sealed class HttpLoggingTests
{
    private const string Get = "GET /x HTTP/1.1\r\nHost: localhost\r\nTls-Upgrade-State: forged\r\n\r\n";

    [Theory]
    [InlineData(HttpLoggingFields.RequestScheme, true)]
    [InlineData(HttpLoggingFields.RequestMethod, false)]
    [InlineData(HttpLoggingFields.None, false)]
    public async Task HttpLogging_SaysHowARequestArrived(HttpLoggingFields fields, bool isTold)
    {
        await using var server = await UpgradeServer.StartAsync(
            services: services => services.AddHttpLogging(logging =>
            {
                logging.LoggingFields = fields;
                logging.CombineLogs = true;
            }),
            app: app =>
            {
                app.UseHttpLogging();
                UpgradeServer.Describe(app);
            });
        await TalkAsync(server);
        var lines = server.Log.Lines.Where(line => line.Category.EndsWith("HttpLoggingMiddleware", StringComparison.Ordinal))
            .Select(line => line.Message).ToArray();
        if (fields is HttpLoggingFields.None)
        {
            Assert.Empty(lines);
            return;
        }

        Assert.Equal(3, lines.Length);
        Assert.Equal(isTold, lines[0].Contains("TlsUpgradeState: plaintext", StringComparison.Ordinal));
        Assert.Equal(isTold, lines[1].Contains("TlsUpgradeState: upgraded", StringComparison.Ordinal));
        Assert.Equal(isTold, lines[1].Contains("TlsUpgradeReplayed: True", StringComparison.Ordinal));
        Assert.Equal(isTold, lines[2].Contains("TlsUpgradeState: upgraded", StringComparison.Ordinal));
        Assert.DoesNotContain("Replayed", lines[2]);
    }

    [Fact]
    public async Task W3CLogging_ThatAsksForIt_SaysHowARequestArrived()
    {
        var directory = Directory.CreateTempSubdirectory();
        try
        {
            await using var server = await StartAsync(directory, logging => logging.AdditionalRequestHeaders.Add("tls-upgrade-state"));
            await TalkAsync(server);

            // It writes when it has time to.
            string[] log = [];
            await Settling.UntilAsync(() => (log = Read(directory)).Length >= 6, () => string.Join('\n', log));
            Assert.Equal("#Fields: cs-method cs(tls-upgrade-state)", log.Single(line => line.StartsWith("#Fields", StringComparison.Ordinal)));
            Assert.Equal(["GET plaintext", "GET upgraded", "GET upgraded"], log.Where(line => line[0] != '#'));
        }
        finally
        {
            directory.Delete(recursive: true);
        }
    }

    [Fact]
    public async Task W3CLogging_ThatDoesNot_LeavesRequestsAsTheyAre()
    {
        var directory = Directory.CreateTempSubdirectory();
        try
        {
            await using var server = await StartAsync(directory, static _ => { });
            await using var connection = await server.ConnectAsync();
            await connection.SendAsync(Get);
            Assert.Equal("forged", (await connection.ReadResponseAsync()).Content);
        }
        finally
        {
            directory.Delete(recursive: true);
        }
    }

    /// <summary>
    /// Refusals are answered at routing, so a logger has to stand before UseRouting(). Then it shows them, once, and authentication still
    /// sees nothing of them.
    /// </summary>
    [Fact]
    public async Task LoggersBeforeRouting_ShowRefusals()
    {
        var directory = Directory.CreateTempSubdirectory();
        var asked = new Counter();
        try
        {
            await using var server = await UpgradeServer.StartAsync(
                services: services =>
                {
                    services.AddHttpLogging(logging =>
                    {
                        logging.LoggingFields = HttpLoggingFields.RequestPath | HttpLoggingFields.ResponseStatusCode;
                        logging.CombineLogs = true;
                    });
                    services.AddW3CLogging(logging =>
                    {
                        logging.LoggingFields = W3CLoggingFields.UriStem | W3CLoggingFields.ProtocolStatus;
                        logging.LogDirectory = directory.FullName;
                    });
                    services.AddSingleton(asked);
                    services.AddAuthorization();
                    services.AddAuthentication(CountingAuthenticationHandler.SchemeName)
                        .AddScheme<AuthenticationSchemeOptions, CountingAuthenticationHandler>(CountingAuthenticationHandler.SchemeName, null);
                },
                app: app =>
                {
                    app.UseHttpLogging();
                    app.UseW3CLogging();
                    app.UseRouting();
                    app.UseAuthentication();
                    app.UseAuthorization();
                    app.MapMethods("/get-only", ["GET"], () => "x");
                    app.MapGet("/secret", () => "secret").RequireTlsUpgrade();
                });
            await using (var connection = await server.ConnectAsync())
            {
                foreach (var (request, status) in new[]
                {
                    ("GET /secret", 426),
                    ("GET /secret HTTP/1.1\r\nUpgrade-Insecure-Requests: 1", 307),
                    ("GET /secret HTTP/1.1\r\nX-Forwarded-For: 192.0.2.1", 403),
                })
                {
                    var head = request.Contains("HTTP/1.1", StringComparison.Ordinal) ? request : $"{request} HTTP/1.1";
                    await connection.SendAsync($"{head}\r\nHost: localhost\r\n\r\n");
                    Assert.Equal(status, (await connection.ReadResponseAsync()).Status);
                }

                Assert.Equal(0, asked.Value);

                // How ASP.NET Core shows an answer of its own.
                await connection.SendAsync("POST /get-only HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\n\r\n");
                Assert.Equal(405, (await connection.ReadResponseAsync()).Status);
            }

            string[] w3c = [];
            await Settling.UntilAsync(() => (w3c = [.. Read(directory).Where(line => line[0] != '#')]).Length >= 4, () => string.Join('\n', w3c));
            Assert.Equal(["/secret 426", "/secret 307", "/secret 403", "/get-only 405"], w3c);

            string[] GetStatuses() =>
            [
                .. server.Log.Lines.Where(line => line.Category.EndsWith("HttpLoggingMiddleware", StringComparison.Ordinal))
                    .Select(line => line.Message.Split('\n').Single(part => part.StartsWith("StatusCode", StringComparison.Ordinal)).Trim()),
            ];
            await Settling.UntilAsync(() => GetStatuses().Length >= 4, () => string.Join('\n', GetStatuses()));
            Assert.Equal(["StatusCode: 426", "StatusCode: 307", "StatusCode: 403", "StatusCode: 405"], GetStatuses());
        }
        finally
        {
            directory.Delete(recursive: true);
        }
    }

    /// <summary>The lines so far.</summary>
    private static string[] Read(DirectoryInfo directory)
    {
        var text = "";
        foreach (var file in directory.GetFiles())
        {
            using var reader = new StreamReader(file.Open(FileMode.Open, FileAccess.Read, FileShare.ReadWrite));
            text += reader.ReadToEnd();
        }

        return [.. text.Split('\n').Select(line => line.TrimEnd('\r')).Where(line => line.Length > 0)];
    }

    private static Task<UpgradeServer> StartAsync(DirectoryInfo directory, Action<W3CLoggerOptions> configure) => UpgradeServer.StartAsync(
        services: services => services.AddW3CLogging(logging =>
        {
            logging.LoggingFields = W3CLoggingFields.Method;
            logging.LogDirectory = directory.FullName;
            configure(logging);
        }),
        app: app =>
        {
            app.UseW3CLogging();
            app.Run(context => Microsoft.AspNetCore.Http.HttpResponseWritingExtensions.WriteAsync(
                context.Response, context.Request.Headers["Tls-Upgrade-State"].ToString(), context.RequestAborted));
        });

    /// <summary>Three requests: one in clear text, one that is replayed, one over TLS.</summary>
    private static async Task TalkAsync(UpgradeServer server)
    {
        await using var connection = await server.ConnectAsync();
        await connection.SendAsync(Get);
        await connection.ReadResponseAsync();
        await connection.UpgradeAsync();
        await connection.ReadResponseAsync();
        await connection.SendAsync(Get.Replace("\r\n\r\n", "\r\nConnection: close\r\n\r\n", StringComparison.Ordinal));
        await connection.ReadToEndAsync();
    }
}
