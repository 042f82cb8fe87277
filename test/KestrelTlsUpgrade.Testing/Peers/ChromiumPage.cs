using System.Diagnostics;
using System.Net;
using System.Net.WebSockets;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace KestrelTlsUpgrade.Testing;

/// <summary>A page in a browser without a window, driven by the DevTools protocol: of any width, in light or dark, with scripts or without.</summary>
internal sealed class ChromiumPage : IAsyncDisposable
{
    private const string Listening = "DevTools listening on ";

    private const int MaxStarts = 3;

    private readonly DirectoryInfo _profile = Directory.CreateTempSubdirectory();
    private readonly ClientWebSocket _socket = new();
    private readonly CancellationTokenSource _patience = new(RawConnection.Patience);
    private Process? _process;
    private Task<string> _rest = Task.FromResult("");
    private string _said = "";
    private string? _session;
    private int _lastId;
    private NetworkCredential? _credentials;

    private ChromiumPage()
    {
    }

    /// <summary>Opens a page and waits until it is there. A browser that dies meanwhile, as it rarely does on a busy machine, is started again.</summary>
    public static async Task<ChromiumPage> OpenAsync(
        string uri, int width = 1200, bool isDark = false, bool hasScripts = true, string? proxy = null, NetworkCredential? credentials = null)
    {
        Peers.Require("chromium");
        for (var attempt = 1; ; attempt++)
        {
            var page = new ChromiumPage { _credentials = credentials };
            try
            {
                await page.StartAsync(proxy is null ? [] : [$"--proxy-server={proxy}", "--proxy-bypass-list=<-loopback>"]);
                await page.NavigateAsync(uri, width, isDark, hasScripts);
                return page;
            }
            catch (Exception exception)
            {
                await page.DisposeAsync();
                if (exception is not (WebSocketException or IOException))
                {
                    throw;
                }

                if (attempt == MaxStarts)
                {
                    throw new IOException($"chromium has ended:\n{page._said}", exception);
                }
            }
        }
    }

    /// <summary>Opens another page in its place, and waits until it is there.</summary>
    public async Task GoToAsync(string uri)
    {
        _patience.CancelAfter(RawConnection.Patience);
        await LoadAsync(uri);
    }

    /// <summary>What an expression comes to, which may be a promise.</summary>
    public async Task<JsonNode?> EvaluateAsync(string expression)
    {
        var answer = await SendAsync("Runtime.evaluate", new() { ["expression"] = expression, ["returnByValue"] = true, ["awaitPromise"] = true });
        Assert.True(answer["exceptionDetails"] is null, answer.ToJsonString());
        return answer["result"]!["value"];
    }

    /// <summary>Waits until an expression is true.</summary>
    public async Task WaitForAsync(string condition)
    {
        while (await EvaluateAsync(condition) is not { } value || value.GetValueKind() is not JsonValueKind.True)
        {
            await Task.Delay(20, _patience.Token);
        }
    }

    /// <summary>Takes a picture of the whole page.</summary>
    public async Task<byte[]> CaptureAsync()
    {
        var answer = await SendAsync("Page.captureScreenshot", new() { ["captureBeyondViewport"] = true });
        return Convert.FromBase64String(answer["data"]!.GetValue<string>());
    }

    public async ValueTask DisposeAsync()
    {
        _socket.Dispose();
        if (_process is not null)
        {
            _process.Kill(entireProcessTree: true);
            await _process.WaitForExitAsync();
            await ((Task)_rest).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            _said = _rest.IsCompletedSuccessfully ? await _rest : "";
            _process.Dispose();
        }

        _patience.Dispose();
        _profile.Delete(recursive: true);
    }

    private async Task StartAsync(string[] arguments)
    {
        _process = Process.Start(new ProcessStartInfo("chromium",
        [
            "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
            "--disable-component-update", "--disable-sync", "--hide-scrollbars", "--ignore-certificate-errors",
            $"--user-data-dir={_profile.FullName}", "--remote-debugging-port=0", .. arguments, "about:blank",
        ])
        { RedirectStandardError = true })!;
        string? line;
        do
        {
            line = await _process.StandardError.ReadLineAsync(_patience.Token) ?? throw new IOException("chromium has ended.");
        }
        while (!line.StartsWith(Listening, StringComparison.Ordinal));

        // Nobody reads the rest, and a full pipe would stop it.
        _rest = _process.StandardError.ReadToEndAsync(_patience.Token);
        await _socket.ConnectAsync(new Uri(line[Listening.Length..]), _patience.Token);
        var target = await SendAsync("Target.createTarget", new() { ["url"] = "about:blank" });
        var attached = await SendAsync("Target.attachToTarget", new() { ["targetId"] = target["targetId"]!.GetValue<string>(), ["flatten"] = true });
        _session = attached["sessionId"]!.GetValue<string>();
    }

    private async Task NavigateAsync(string uri, int width, bool isDark, bool hasScripts)
    {
        if (_credentials is not null)
        {
            await SendAsync("Fetch.enable", new() { ["handleAuthRequests"] = true });
        }

        await SendAsync("Emulation.setDeviceMetricsOverride", new() { ["width"] = width, ["height"] = 900, ["deviceScaleFactor"] = 1, ["mobile"] = width < 600 });
        await SendAsync("Emulation.setEmulatedMedia", new() { ["features"] = new JsonArray(new JsonObject { ["name"] = "prefers-color-scheme", ["value"] = isDark ? "dark" : "light" }) });
        await SendAsync("Emulation.setScriptExecutionDisabled", new() { ["value"] = !hasScripts });
        await LoadAsync(uri);
    }

    private async Task LoadAsync(string uri)
    {
        await SendAsync("Page.navigate", new() { ["url"] = uri });
        await WaitForAsync("document.readyState === 'complete' && location.href !== 'about:blank'");
    }

    private async Task<JsonObject> SendAsync(string method, JsonObject parameters)
    {
        var id = await SendOnlyAsync(method, parameters);
        while (true)
        {
            var answer = await ReceiveAsync();
            if (answer["id"]?.GetValue<int>() == id)
            {
                return answer["result"] as JsonObject ?? throw new InvalidOperationException(answer.ToJsonString());
            }

            // Whatever else there is to read is an event, which nobody waits for.
            await OnEventAsync(answer);
        }
    }

    private async Task<int> SendOnlyAsync(string method, JsonObject parameters)
    {
        var id = ++_lastId;
        var message = new JsonObject { ["id"] = id, ["method"] = method, ["params"] = parameters };
        if (_session is not null)
        {
            message["sessionId"] = _session;
        }

        await _socket.SendAsync(JsonSerializer.SerializeToUtf8Bytes(message), WebSocketMessageType.Text, endOfMessage: true, _patience.Token);
        return id;
    }

    /// <summary>With credentials, each request waits for its permission, and each challenge for its answer.</summary>
    private async Task OnEventAsync(JsonObject message)
    {
        var request = message["params"]?["requestId"]?.DeepClone();
        switch (message["method"]?.GetValue<string>())
        {
            case "Fetch.requestPaused":
                await SendOnlyAsync("Fetch.continueRequest", new() { ["requestId"] = request });
                break;

            case "Fetch.authRequired":
                await SendOnlyAsync("Fetch.continueWithAuth", new()
                {
                    ["requestId"] = request,
                    ["authChallengeResponse"] = new JsonObject
                    {
                        ["response"] = "ProvideCredentials",
                        ["username"] = _credentials!.UserName,
                        ["password"] = _credentials.Password,
                    },
                });
                break;
        }
    }

    private async Task<JsonObject> ReceiveAsync()
    {
        using var content = new MemoryStream();
        var buffer = new byte[16 * 1024];
        WebSocketReceiveResult received;
        do
        {
            received = await _socket.ReceiveAsync(buffer, _patience.Token);
            content.Write(buffer, 0, received.Count);
        }
        while (!received.EndOfMessage);

        return JsonNode.Parse(content.ToArray())!.AsObject();
    }
}
