using KestrelTlsUpgrade.Testing;
using KestrelTlsUpgrade.Tool.Tests.Support;

namespace KestrelTlsUpgrade.Tool.Tests.Probing;

/// <summary>Servers that do something else each with clear text behind the upgrade request.</summary>
public sealed class InjectionTests
{
    private const string NotFound = "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n";
    private const string BadRequest = "HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
    private const string Chunked = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nHTTP\r\n4\r\n/1.1\r\n0\r\n\r\n";
    private const string WithLength = "HTTP/1.1 200 OK\r\nContent-Length: 38\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n";
    private const string ToTheEnd = "HTTP/1.1 200 OK\r\n\r\n";

    /// <summary>What the server does inside TLS, by the head that came in clear text behind the upgrade request.</summary>
    internal delegate Task Script(ScriptedConnection connection, string injected);

    private static async Task<ToolRun> ProbeAsync(Script inside, string toUpgrade = ScriptedConnection.EmptyOk)
    {
        await using var server = new ScriptedServer(async connection =>
        {
            var first = await connection.ReadTextAsync(1);
            if (!char.IsAsciiLetterUpper(first[0]))
            {
                return;
            }

            for (var head = first + await connection.ReadHeadAsync(); head.Length > 0; head = await connection.ReadHeadAsync())
            {
                if (!head.Contains("\r\nUpgrade: TLS", StringComparison.Ordinal))
                {
                    await connection.SendAsync(ScriptedConnection.EmptyOk);
                    continue;
                }

                // Both requests come in one segment.
                var injected = connection.Available > 0 ? await connection.ReadHeadAsync() : "";
                await connection.SendAsync(ScriptedConnection.Switching);
                await connection.StartTlsAsync();
                await connection.SendAsync(head.StartsWith("GET ", StringComparison.Ordinal) ? toUpgrade : ScriptedConnection.EmptyOk);
                await inside(connection, injected);
                return;
            }
        });
        return await ToolRun.RunAsync("probe", $"http://localhost:{server.Port}/page?x=1", "--json", "-k", "--timeout", "3");
    }

    private static string Answer(string head) => head.Contains("\r\nHost:", StringComparison.Ordinal) ? NotFound : BadRequest;

    /// <summary>Answers requests inside TLS, and ends after a bad one.</summary>
    private static async Task ServeAsync(ScriptedConnection connection)
    {
        for (var head = await connection.ReadHeadAsync(); head.Length > 0; head = await connection.ReadHeadAsync())
        {
            await connection.SendAsync(Answer(head));
            if (Answer(head) == BadRequest || head.Contains("\r\nConnection: close", StringComparison.Ordinal))
            {
                await connection.CloseTlsAsync();
                return;
            }
        }
    }

    private static void AssertOutcome(ToolRun run, string outcome, string? finding, string error = "")
    {
        var injection = run.Json.GetProperty("injection");
        Assert.Equal(outcome, injection.GetProperty("outcome").GetString());
        Assert.Contains(error, injection.GetProperty("error").GetString() ?? "", StringComparison.Ordinal);
        Assert.Equal(finding is null ? [] : [finding], run.Findings.Where(code => code.StartsWith("cleartext", StringComparison.Ordinal)));
    }

    [Theory]
    [InlineData(ScriptedConnection.EmptyOk)]
    [InlineData(WithLength)]
    [InlineData(Chunked)]
    public async Task Injection_AnsweredAtOnce_IsExecuted(string toUpgrade)
    {
        var run = await ProbeAsync(
            async (connection, injected) =>
            {
                if (injected.Length > 0)
                {
                    Assert.StartsWith("HEAD /page?x=1&tls-upgrade=injected HTTP/1.1\r\n", injected, StringComparison.Ordinal);
                    await connection.SendAsync(NotFound);
                }

                await ServeAsync(connection);
            },
            toUpgrade);
        AssertOutcome(run, "executed", "cleartext-executed");
        Assert.Equal("GET /page?x=1", run.Json.GetProperty("injection").GetProperty("request").GetString());
    }

    [Fact]
    public async Task Injection_AnsweredBehindALaterRequestOnly_IsExecuted()
    {
        var run = await ProbeAsync(async (connection, injected) =>
        {
            // The request before, the offer, and the clear text.
            if (injected.Length > 0 && connection.Heads.Count == 3)
            {
                await connection.SendAsync(NotFound);
            }

            await ServeAsync(connection);
        });
        AssertOutcome(run, "executed", "cleartext-executed");
        Assert.Equal("GET /page?x=1 as a later request", run.Json.GetProperty("injection").GetProperty("request").GetString());
    }

    /// <summary>As cupsd does it: the answer comes, and our own request is never read.</summary>
    [Fact]
    public async Task Injection_AnsweredAndThenTheEnd_IsExecuted() => AssertOutcome(
        await ProbeAsync(async (connection, injected) =>
        {
            if (injected.Length > 0)
            {
                await connection.SendAsync(NotFound);
                await connection.CloseTlsAsync();
                return;
            }

            await ServeAsync(connection);
        }),
        "executed",
        "cleartext-executed");

    /// <summary>Its answer waits until there is something to read.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Injection_AnsweredInThePlaceOfOurRequest_IsExecuted(bool answersBoth) => AssertOutcome(
        await ProbeAsync(async (connection, injected) =>
        {
            if (injected.Length > 0)
            {
                var own = await connection.ReadHeadAsync();
                await connection.SendAsync(answersBoth ? Answer(injected) + Answer(own) : Answer(injected));
                await connection.CloseTlsAsync();
                return;
            }

            await ServeAsync(connection);
        }),
        "executed",
        "cleartext-executed");

    [Fact]
    public async Task Injection_Discarded_IsDropped() =>
        AssertOutcome(await ProbeAsync((connection, _) => ServeAsync(connection), WithLength), "dropped", null);

    [Fact]
    public async Task Injection_OneAnswerThatFitsBothRequests_IsUnclear() => AssertOutcome(
        await ProbeAsync((connection, _) => connection.ServeAsync(ScriptedConnection.EmptyOk)),
        "unclear",
        "cleartext-unclear",
        "an answer inside TLS (200) may be to the clear text");

    [Fact]
    public async Task Injection_EndBehindTheFirstAnswer_IsUnclear() => AssertOutcome(
        await ProbeAsync((connection, injected) => injected.Length > 0 ? connection.CloseTlsAsync() : ServeAsync(connection)),
        "unclear",
        "cleartext-unclear",
        "may have executed the clear text unseen");

    [Fact]
    public async Task Injection_ContentToTheEndOfTheConnection_IsUnclear() => AssertOutcome(
        await ProbeAsync((connection, _) => ServeAsync(connection), ToTheEnd),
        "unclear",
        "cleartext-unclear",
        "only the end of the connection ends the content of the response");

    /// <summary>A surplus answer is no sign of execution if it comes without clear text too.</summary>
    [Fact]
    public async Task Injection_SurplusAnswersOfTheServer_AreUnclear() => AssertOutcome(
        await ProbeAsync(async (connection, _) =>
        {
            await connection.SendAsync(NotFound);
            await ServeAsync(connection);
        }),
        "unclear",
        "cleartext-unclear",
        "also sends too many answers");

    [Fact]
    public async Task Injection_AnsweredBeforeTls_IsExecuted()
    {
        await using var server = new ScriptedServer(async connection =>
        {
            var first = await connection.ReadTextAsync(1);
            if (!char.IsAsciiLetterUpper(first[0]))
            {
                return;
            }

            var head = first + await connection.ReadHeadAsync();
            var injected = connection.Available > 0 ? await connection.ReadHeadAsync() : "";
            await connection.SendAsync(head.Contains("\r\nUpgrade: TLS", StringComparison.Ordinal)
                ? ScriptedConnection.Switching + (injected.Length > 0 ? NotFound : "") : ScriptedConnection.EmptyOk);
            await connection.StartTlsAsync();
            await connection.SendAsync(ScriptedConnection.EmptyOk);
            await ServeAsync(connection);
        });
        AssertOutcome(
            await ToolRun.RunAsync("probe", $"http://localhost:{server.Port}/", "--json", "-k", "--timeout", "3"), "executed", "cleartext-executed");
    }
}
