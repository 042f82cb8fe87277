using System.Net;
using System.Net.Security;
using System.Text.Json;
using System.Text.RegularExpressions;
using KestrelTlsUpgrade.Testing;
using static KestrelTlsUpgrade.Testing.RawConnectionUpgradeExtensions;

namespace KestrelTlsUpgrade.FunctionalTests.Samples;

/// <summary>The dashboard asks for what the sample's meters have, and the sample's README says what is so.</summary>
public sealed partial class ObservabilityTests
{
    private static readonly string[] Settings =
    [
        "--Kestrel:Endpoints:Web:Url=http://127.0.0.1:0", "--Kestrel:Endpoints:Operations:Url=http://127.0.0.2:0",

        // One address plays clients that work and clients that fail.
        "--TlsUpgrade:FallbackLifetime=00:00:00",
    ];

    [Fact]
    public async Task Dashboard_AsksForWhatThereIs()
    {
        await using var sample = await SampleProcess.StartAsync("Observability", Settings);
        var web = sample.EndPoints.Single(endPoint => endPoint.Address.Equals(IPAddress.Loopback));
        var operations = sample.EndPoints.Single(endPoint => !endPoint.Address.Equals(IPAddress.Loopback));
        await TalkAsync(web);

        // HTTP logging shows the refusal too.
        await Settling.UntilAsync(
            () => sample.Lines.Any(static line => line.Contains("StatusCode: 426", StringComparison.Ordinal)),
            () => string.Join('\n', sample.Lines));

        var queries = ReadQueries();
        Assert.NotEmpty(queries);
        var metrics = "";
        string[] missing = [];
        using var client = new HttpClient();
        await Settling.UntilAsync(
            () =>
            {
                metrics = client.GetStringAsync($"http://{operations}/metrics").GetAwaiter().GetResult();
                missing = [.. queries.SelectMany(FindNames).Distinct().Where(name => !metrics.Contains(name, StringComparison.Ordinal))];
                return missing.Length == 0;
            },
            () => $"{string.Join(", ", missing)} in\n{metrics}");
        Assert.Contains("tls_upgrade_server_connections_total", string.Join(' ', queries));

        // Who scrapes does not count, and nobody scrapes where clients come.
        Assert.DoesNotContain("/metrics", metrics);
        Assert.Equal("Healthy", await client.GetStringAsync($"http://{operations}/health", TestContext.Current.CancellationToken));
        Assert.Equal(HttpStatusCode.NotFound, (await client.GetAsync($"http://{web}/metrics", TestContext.Current.CancellationToken)).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await client.GetAsync($"http://{web}/health", TestContext.Current.CancellationToken)).StatusCode);
    }

    [Theory]
    [InlineData("sum by (a_b, c) (rate(m_total{d=\"e\", f!=\"\"}[$__rate_interval]))", "m_total", "a_b=", "c=", "d=\"e\"", "f=")]
    [InlineData("(sum(min_over_time(m{d=\"e\"}[1h]) unless m{d=\"e\"} offset $__range) or vector(0))", "m", "d=\"e\"")]
    [InlineData("histogram_quantile(0.5, sum by (le) (rate(m_bucket{d=\"e\"}[5m]))) / sum(n)", "m_bucket", "n", "le=", "d=\"e\"")]
    public void Names_OfAQuery_AreFound(string query, params string[] expected) =>
        Assert.Equal(expected.Order(StringComparer.Ordinal), FindNames(query).Distinct().Order(StringComparer.Ordinal));

    /// <summary>A connection and a request of every kind that the dashboard tells apart.</summary>
    private static async Task TalkAsync(IPEndPoint web)
    {
        await using (var connection = await RawConnection.OpenAsync(web))
        {
            await connection.SendAsync("GET /secret HTTP/1.1\r\nHost: localhost\r\n\r\n");
            Assert.Equal(426, (await connection.ReadResponseAsync()).Status);
            await connection.UpgradeAsync(Request(target: "/secret"));
            Assert.Equal(200, (await connection.ReadResponseAsync()).Status);
        }

        await using (var connection = await RawConnection.OpenAsync(web))
        {
            await connection.UpgradeRefusedAsync(alpn: SslApplicationProtocol.Http2);
        }

        await using (var connection = await RawConnection.OpenAsync(web))
        {
            await connection.SendAsync(Request());
            Assert.Equal(101, (await connection.ReadResponseAsync()).Status);
            await connection.SendAsync("GET / HTTP/1.1\r\n\r\n");
            await connection.ReadToEndAsync();
        }
    }

    private static string[] ReadQueries()
    {
        using var dashboard = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(AppContext.BaseDirectory, "Samples/Observability/dashboard.json")));
        return [.. dashboard.RootElement.GetProperty("panels").EnumerateArray()
            .SelectMany(panel => panel.GetProperty("targets").EnumerateArray())
            .Select(target => target.GetProperty("expr").GetString()!)];
    }

    /// <summary>Metrics by their names; labels as they stand in an exposition, with their value where the query has one.</summary>
    private static IEnumerable<string> FindNames(string query)
    {
        foreach (var labels in Grouping().Matches(query).Select(match => match.Groups[1].Value))
        {
            foreach (var label in labels.Split(", "))
            {
                yield return $"{label}=";
            }
        }

        foreach (Match match in Matcher().Matches(query))
        {
            var value = match.Groups[3].Value;
            yield return value.Length == 0 ? $"{match.Groups[1].Value}=" : $"{match.Groups[1].Value}=\"{value}\"";
        }

        var rest = Selector().Replace(Grouping().Replace(query, ""), "");
        foreach (Match match in Metric().Matches(rest))
        {
            yield return match.Value;
        }
    }

    [GeneratedRegex(@"by \(([^)]+)\)")]
    private static partial Regex Grouping();

    [GeneratedRegex("(\\w+)(!?=)\"(\\w*)\"")]
    private static partial Regex Matcher();

    [GeneratedRegex(@"\{[^}]*\}|\[[^\]]*\]")]
    private static partial Regex Selector();

    /// <summary>A name that is no function, no aggregation, no operator and no number.</summary>
    [GeneratedRegex(@"\b(?!(or|unless|offset)\b)[a-z]\w*\b(?!\s*\()(?<!sum)")]
    private static partial Regex Metric();
}
