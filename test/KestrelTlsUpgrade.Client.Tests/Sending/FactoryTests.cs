using System.Diagnostics.Metrics;
using System.Net;
using KestrelTlsUpgrade.Testing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.Metrics.Testing;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace KestrelTlsUpgrade.Client.Tests.Sending;

/// <summary>HttpClientFactory, logs, metrics and traces.</summary>
public sealed class FactoryTests
{
    private static ScriptedServer Upgrade() => new(async connection =>
    {
        await connection.UpgradeAndAnswerAsync();
        await connection.ServeAsync(ScriptedConnection.EmptyOk);
    });

    private static void Trust(TlsUpgradeClientOptions options)
    {
        options.SslOptions.CertificateChainPolicy = TestClient.Trusting(TestCertificates.Server);
        options.ConfigureHandler = handler => handler.UseProxy = false;
    }

    [Fact]
    public async Task UseTlsUpgrade_NamedClient_UpgradesAndLogs()
    {
        await using var server = Upgrade();
        using var log = new LogCollector();
        var services = new ServiceCollection();
        services.AddLogging(logging => logging.AddProvider(log).SetMinimumLevel(LogLevel.Debug));
        services.AddHttpClient("printers").UseTlsUpgrade(Trust);
        services.AddHttpClient("others");
        await using var provider = services.BuildServiceProvider();
        using var client = provider.GetRequiredService<IHttpClientFactory>().CreateClient("printers");
        using var response = await client.GetAsync(server.Uri);
        Assert.True(response.GetTlsUpgradeInfo().IsUpgraded);
        var line = Assert.Single(log.Lines, line => line.Id.Name == "Upgraded");
        Assert.Equal("System.Net.Http.HttpClient.printers.TlsUpgrade", line.Category);
        Assert.Equal(LogLevel.Debug, line.Level);
        Assert.Contains($"127.0.0.1:{server.Port} upgraded to TLS/1.2, Tls13", line.Message);

        // HttpClient's own log knows the URI as it was.
        Assert.Contains(log.Lines, line => line.Message.Contains($"GET {server.Uri}", StringComparison.Ordinal));
    }

    [Fact]
    public async Task UseTlsUpgrade_WithoutSettings_Requires()
    {
        await using var server = new ScriptedServer(connection => connection.ServeAsync(ScriptedConnection.EmptyOk));
        var services = new ServiceCollection();
        services.AddHttpClient("x").UseTlsUpgrade();
        services.Configure<TlsUpgradeClientOptions>("x", options => options.ConfigureHandler = handler => handler.UseProxy = false);
        await using var provider = services.BuildServiceProvider();
        using var client = provider.GetRequiredService<IHttpClientFactory>().CreateClient("x");
        await Assert.ThrowsAsync<HttpRequestException>(() => client.GetAsync(server.Uri));
    }

    [Fact]
    public async Task UseTlsUpgrade_BadSettings_AreAllNamed()
    {
        var services = new ServiceCollection();
        services.AddHttpClient("x").UseTlsUpgrade(options =>
        {
            options.Mode = (TlsUpgradeMode)9;
            options.UpgradeTimeout = TimeSpan.Zero;
        });
        await using var provider = services.BuildServiceProvider();
        var exception = Assert.Throws<OptionsValidationException>(
            () => provider.GetRequiredService<IHttpClientFactory>().CreateClient("x"));
        Assert.Equal(2, exception.Failures.Count());
    }

    [Fact]
    public async Task UseTlsUpgrade_NewHandlerOfTheSameClient_RemembersRefusals()
    {
        await using var server = new ScriptedServer(connection => connection.ServeAsync(ScriptedConnection.EmptyOk));
        var services = new ServiceCollection();
        services.AddHttpClient("x").UseTlsUpgrade(options =>
        {
            Trust(options);
            options.Mode = TlsUpgradeMode.Preferred;
        });
        await using var provider = services.BuildServiceProvider();
        for (var i = 0; i < 2; i++)
        {
            using var invoker = new HttpMessageInvoker(Primary(provider));
            using var response = await invoker.SendAsync(new HttpRequestMessage(HttpMethod.Get, server.Uri), CancellationToken.None);
            Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        }

        Assert.Single(server.Heads, head => head.StartsWith("OPTIONS", StringComparison.Ordinal));
    }

    /// <summary>What the factory does when a handler's lifetime is over.</summary>
    private static HttpMessageHandler Primary(IServiceProvider provider)
    {
        var builder = provider.GetRequiredService<Microsoft.Extensions.Http.HttpMessageHandlerBuilder>();
        builder.Name = "x";
        foreach (var action in provider.GetRequiredService<IOptionsMonitor<Microsoft.Extensions.Http.HttpClientFactoryOptions>>().Get("x")
            .HttpMessageHandlerBuilderActions)
        {
            action(builder);
        }

        return builder.PrimaryHandler;
    }

    [Theory]
    [InlineData("upgraded")]
    [InlineData("refused")]
    [InlineData("failed")]
    [InlineData("timed_out")]
    [InlineData("canceled")]
    public async Task Metrics_EachOutcome_IsCounted(string outcome)
    {
        using var source = new CancellationTokenSource();
        await using var server = new ScriptedServer(async connection =>
        {
            await connection.ReadHeadAsync();
            switch (outcome)
            {
                case "upgraded":
                    await connection.SendAsync(ScriptedConnection.Switching);
                    await connection.StartTlsAsync();
                    await connection.SendAsync(ScriptedConnection.EmptyOk);
                    await connection.ServeAsync(ScriptedConnection.EmptyOk);
                    break;
                case "refused":
                    await connection.SendAsync(ScriptedConnection.EmptyOk);
                    break;
                case "failed":
                    await connection.SendAsync("nonsense");
                    break;
                case "canceled":
                    await source.CancelAsync();
                    break;
            }

            await connection.ReadToEndAsync();
        });
        var services = new ServiceCollection();
        services.AddMetrics();
        services.AddHttpClient("x").UseTlsUpgrade(options =>
        {
            Trust(options);
            options.UpgradeTimeout = outcome == "timed_out" ? TimeSpan.FromMilliseconds(50) : RawConnection.Patience;
            if (outcome == "canceled")
            {
                options.ConfigureHandler = handler => handler.ConnectTimeout = TimeSpan.FromMilliseconds(500);
            }
        });
        await using var provider = services.BuildServiceProvider();
        var meters = provider.GetRequiredService<IMeterFactory>();
        using var attempts = new MetricCollector<long>(meters, "KestrelTlsUpgrade.Client", "tls_upgrade.client.attempts");
        using var durations = new MetricCollector<double>(meters, "KestrelTlsUpgrade.Client", "tls_upgrade.client.duration");
        using var requests = new MetricCollector<double>(meters, "System.Net.Http", "http.client.request.duration");
        using var client = provider.GetRequiredService<IHttpClientFactory>().CreateClient("x");
        await Record.ExceptionAsync(() => client.GetAsync(server.Uri));
        await attempts.WaitForMeasurementsAsync(1).WaitAsync(RawConnection.Patience);
        var attempt = Assert.Single(attempts.GetMeasurementSnapshot());
        Assert.Equal(1, attempt.Value);
        Assert.Equal(outcome, attempt.Tags["tls_upgrade.outcome"]);
        Assert.Equal(false, attempt.Tags["tls_upgrade.tunnelled"]);
        Assert.Equal("127.0.0.1", attempt.Tags["server.address"]);
        Assert.Equal(server.Port, attempt.Tags["server.port"]);
        Assert.True(Assert.Single(durations.GetMeasurementSnapshot()).Value > 0);

        // The platform's, as for any http:// request.
        await requests.WaitForMeasurementsAsync(1).WaitAsync(RawConnection.Patience);
        Assert.Equal("http", Assert.Single(requests.GetMeasurementSnapshot()).Tags["url.scheme"]);
    }

    [Fact]
    public async Task Metrics_Tunnel_IsNoRequest()
    {
        await using var proxy = new ScriptedServer(async connection =>
        {
            await connection.ReadHeadAsync();
            await connection.SendAsync("HTTP/1.1 200 OK\r\n\r\n");
            await connection.UpgradeAndAnswerAsync();
            await connection.ServeAsync(ScriptedConnection.EmptyOk);
        });
        var measured = new List<string?>();
        using var listener = new MeterListener();
        var host = $"{Guid.NewGuid():N}.test";
        listener.InstrumentPublished = (instrument, self) =>
        {
            if (instrument.Meter.Name == "System.Net.Http" && instrument.Name == "http.client.request.duration")
            {
                self.EnableMeasurementEvents(instrument);
            }
        };
        listener.SetMeasurementEventCallback<double>((_, _, tags, _) =>
        {
            var all = tags.ToArray().ToDictionary();
            lock (measured)
            {
                if (Equals(all["server.address"], host))
                {
                    measured.Add(all["url.scheme"]?.ToString());
                }
            }
        });
        listener.Start();
        using (var client = TestClient.Create(handler: handler =>
        {
            handler.UseProxy = true;
            handler.Proxy = new WebProxy(proxy.Uri);
        }, configure: options => options.SslOptions.RemoteCertificateValidationCallback = (_, _, _, _) => true))
        {
            (await client.GetAsync($"http://{host}/")).Dispose();
        }

        Assert.Equal(["http"], measured);
    }

    [Fact]
    public async Task Trace_Request_IsAsForAnyHttpRequest()
    {
        await using var server = Upgrade();
        var activities = new List<System.Diagnostics.Activity>();
        using var listener = new System.Diagnostics.ActivityListener
        {
            ShouldListenTo = source => source.Name == "System.Net.Http",
            Sample = (ref System.Diagnostics.ActivityCreationOptions<System.Diagnostics.ActivityContext> _) =>
                System.Diagnostics.ActivitySamplingResult.AllDataAndRecorded,
            ActivityStopped = activity =>
            {
                lock (activities)
                {
                    activities.Add(activity);
                }
            },
        };
        System.Diagnostics.ActivitySource.AddActivityListener(listener);
        using var client = TestClient.Create();
        (await client.GetAsync(server.Uri + "traced")).Dispose();
        lock (activities)
        {
            Assert.Single(activities, activity => Equals(activity.GetTagItem("url.full"), server.Uri + "traced"));
        }

        Assert.Contains("traceparent:", server.Heads[1]);
        Assert.DoesNotContain("traceparent:", server.Heads[0]);
    }
}
