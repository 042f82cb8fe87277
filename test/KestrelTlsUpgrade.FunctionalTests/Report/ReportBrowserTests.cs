using KestrelTlsUpgrade.Report.Internal.Collecting;
using KestrelTlsUpgrade.Testing;
using Microsoft.Extensions.DependencyInjection;

namespace KestrelTlsUpgrade.FunctionalTests.Report;

/// <summary>The page in a browser. Its pictures are left in <c>artifacts/screenshots</c>, to be looked at.</summary>
public sealed class ReportBrowserTests
{
    private const string Requests = "document.querySelector('figure .total').innerText";

    private const string State =
        """
        ['state', 'pause'].map(id => document.getElementById(id).innerText).join(', ')
        """;

    /// <summary>The elements whose content is wider than they are.</summary>
    private const string Overflowing =
        """
        [...document.querySelectorAll('body *')]
          .filter(part => part.checkVisibility() && part instanceof HTMLElement && !part.closest('.hidden, thead'))
          .filter(part => part.scrollWidth > part.clientWidth + 1 && getComputedStyle(part).display !== 'inline')
          .map(part => part.tagName + '.' + part.className + '#' + part.id).join(' ')
        """;

    /// <summary>The texts that stand out too little from what is behind them.</summary>
    private const string Faint =
        """
        (() => {
          const luminance = colour => {
            const [r, g, b] = colour.match(/[\d.]+/g).slice(0, 3).map(part => part / 255)
              .map(part => part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4);
            return 0.2126 * r + 0.7152 * g + 0.0722 * b;
          };
          const ground = part => {
            for (; part; part = part.parentElement) {
              const colour = getComputedStyle(part).backgroundColor;
              if (colour !== 'rgba(0, 0, 0, 0)') return colour;
            }
          };
          return [...document.querySelectorAll('body *')]
            .filter(part => part instanceof HTMLElement && part.checkVisibility() && !part.closest('.hidden'))
            .filter(part => [...part.childNodes].some(child => child.nodeType === Node.TEXT_NODE && child.data.trim()))
            .filter(part => {
              const [one, other] = [luminance(getComputedStyle(part).color), luminance(ground(part))];
              return (Math.max(one, other) + 0.05) / (Math.min(one, other) + 0.05) < 4.5;
            })
            .map(part => part.outerHTML).join('\n');
        })()
        """;

    /// <summary>The kinds that stand out too little from the ground of the charts.</summary>
    private const string FaintKinds =
        """
        (() => {
          const luminance = colour => {
            const [r, g, b] = colour.match(/[\d.]+/g).slice(0, 3).map(part => part / 255)
              .map(part => part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4);
            return 0.2126 * r + 0.7152 * g + 0.0722 * b;
          };
          const probe = document.body.appendChild(document.createElement('i'));
          const find = name => {
            probe.className = '';
            probe.attributeStyleMap.set('color', `var(--${name})`);
            return luminance(getComputedStyle(probe).color);
          };
          const card = find('card');
          return ['plaintext', 'upgraded', 'direct', 'refused', 'failed', 'silent'].filter(name => {
            const kind = find(name);
            return (Math.max(kind, card) + 0.05) / (Math.min(kind, card) + 0.05) < 3;
          }).join(' ');
        })()
        """;

    [Theory]
    [InlineData("report-desktop", 1280, false, true)]
    [InlineData("report-light", 1200, false, true)]
    [InlineData("report-dark", 1200, true, true)]
    [InlineData("report-tablet", 768, false, true)]
    [InlineData("report-phone-390", 390, false, true)]
    [InlineData("report-phone", 360, false, true)]
    [InlineData("report-phone-dark-without-script", 360, true, false)]
    [InlineData("report-narrow", 320, false, true)]
    public async Task Page_FitsAndShowsEverything(string name, int width, bool isDark, bool hasScripts)
    {
        await using var server = await StartAsync();
        await using var page = await ChromiumPage.OpenAsync($"{server.Addresses[0]}/tls", width, isDark, hasScripts);
        await SaveAsync(name, page);
        Assert.Equal(width, await EvaluateAsync<int>(page, "innerWidth"));

        // Nothing is out of sight, not even within what could be scrolled.
        Assert.Equal(width, await EvaluateAsync<int>(page, "document.documentElement.scrollWidth"));
        Assert.Equal("", await EvaluateAsync<string>(page, Overflowing));
        await EvaluateAsync<bool>(page, "document.querySelectorAll('details').forEach(part => part.open = true), true");
        await SaveAsync($"{name}-unfolded", page);
        Assert.Equal(width, await EvaluateAsync<int>(page, "document.documentElement.scrollWidth"));
        Assert.Equal("", await EvaluateAsync<string>(page, Overflowing));

        Assert.Equal(isDark ? "rgb(18, 20, 23)" : "rgb(246, 247, 248)", await EvaluateAsync<string>(page, "getComputedStyle(document.body).backgroundColor"));
        Assert.Equal(4, await EvaluateAsync<int>(page, "document.querySelectorAll('figure svg.columns').length"));
        Assert.True(await EvaluateAsync<int>(page, "document.querySelectorAll('figure svg.columns g').length") > 150);
        Assert.Equal(11, await EvaluateAsync<int>(page, "document.querySelectorAll('.callers tbody tr').length"));
        Assert.True(await EvaluateAsync<bool>(page, "[...document.querySelectorAll('.callers tbody th')].every(cell => cell.offsetHeight < 42)"));
        Assert.Equal(3, await EvaluateAsync<int>(page, "document.querySelectorAll('.causes tbody tr').length"));
        Assert.True(await EvaluateAsync<bool>(page, "document.querySelector('.settings').innerText.includes('ClientCertificateMode')"));

        // What comes next stands first.
        Assert.StartsWith("2 callers would be refused on /receipts/{id}, /tills/{till}/drawer", await EvaluateAsync<string>(page, "document.querySelector('main section .step p').innerText"));

        // The page is there for those without scripts; what only scripts can do is not offered to them.
        Assert.Equal(hasScripts, await EvaluateAsync<bool>(page, "document.getElementById('live').checkVisibility()"));
    }

    [Theory]
    [InlineData(360)]
    [InlineData(320)]
    public async Task Page_WithHugeFigures_Fits(int width)
    {
        await using var server = await StartAsync();
        var collector = server.Services.GetRequiredService<ReportCollector>();
        collector.Traffic.At(DateTimeOffset.UtcNow).Add(TlsUpgradeState.Plaintext, int.MaxValue);
        await using var page = await ChromiumPage.OpenAsync($"{server.Addresses[0]}/tls", width);
        await EvaluateAsync<bool>(page, "(document.querySelector('.callers td.number').firstChild.data = '2,147,483,647,000', true)");
        Assert.Equal(width, await EvaluateAsync<int>(page, "document.documentElement.scrollWidth"));
        Assert.Equal("", await EvaluateAsync<string>(page, Overflowing));
    }

    [Fact]
    public async Task Page_HasEnoughContrast()
    {
        await using var server = await StartAsync();
        foreach (var isDark in new[] { false, true })
        {
            await using var page = await ChromiumPage.OpenAsync($"{server.Addresses[0]}/tls", isDark: isDark);

            // WCAG 2.2, success criterion 1.4.3: 4.5 : 1.
            Assert.Equal("", await EvaluateAsync<string>(page, Faint));

            // 1.4.11: 3 : 1.
            Assert.Equal("", await EvaluateAsync<string>(page, FaintKinds));
        }
    }

    [Fact]
    public async Task Page_RunsNothingThatIsNotItsOwn()
    {
        await using var server = await StartAsync();
        await using var page = await ChromiumPage.OpenAsync($"{server.Addresses[0]}/tls");
        Assert.Equal(
            "Zebra, names no product, names no product",
            await EvaluateAsync<string>(page, "[...document.querySelectorAll('.callers th')].map(cell => cell.innerText).filter(text => /Zebra|no product/.test(text)).sort().join(', ')"));
        Assert.Equal(1, await EvaluateAsync<int>(page, "document.scripts.length"));
        Assert.True(await EvaluateAsync<bool>(
            page,
            """
            (() => {
              const script = document.createElement('script');
              script.textContent = 'globalThis.ran = true';
              document.body.append(script);
              script.remove();
              document.body.setAttribute('onclick', 'globalThis.ran = true');
              document.body.click();
              return globalThis.ran === undefined;
            })()
            """));
    }

    [Fact]
    public async Task Page_RefreshesItself_AndKeepsItsPlace()
    {
        await using var server = await StartAsync();
        await using var page = await ChromiumPage.OpenAsync($"{server.Addresses[0]}/tls", width: 360);
        await EvaluateAsync<bool>(page, "document.getElementById('settings-0').open = true");
        await EvaluateAsync<bool>(page, "(document.querySelector('#settings-0 summary').focus({ preventScroll: true }), scrollTo(0, 700), true)");
        var before = await EvaluateAsync<string>(page, Requests);
        await CallAsync(server);
        await page.WaitForAsync($"{Requests} !== '{before}'");
        Assert.Equal(700, await EvaluateAsync<int>(page, "scrollY"));
        Assert.True(await EvaluateAsync<bool>(page, "document.getElementById('settings-0').open"));
        Assert.True(await EvaluateAsync<bool>(page, "document.activeElement.matches('#settings-0 summary')"));
        Assert.Equal("Live", await EvaluateAsync<string>(page, "document.getElementById('state').innerText"));
    }

    [Fact]
    public async Task Page_Paused_StaysAsItIs()
    {
        await using var server = await StartAsync();
        await using var page = await ChromiumPage.OpenAsync($"{server.Addresses[0]}/tls");
        var before = await EvaluateAsync<string>(page, Requests);
        await EvaluateAsync<bool>(page, "(document.getElementById('pause').click(), true)");
        Assert.Equal("Paused, Go on", await EvaluateAsync<string>(page, State));
        await CallAsync(server);

        // What would have had it refreshed, and the answer that it would have had.
        await EvaluateAsync<bool>(page, "(document.dispatchEvent(new Event('visibilitychange')), fetch(location.href).then(answer => answer.text()).then(() => true))");
        Assert.Equal(before, await EvaluateAsync<string>(page, Requests));
        await EvaluateAsync<bool>(page, "(document.getElementById('pause').click(), true)");
        Assert.Equal("Live, Pause", await EvaluateAsync<string>(page, State));
        await page.WaitForAsync($"{Requests} !== '{before}'");
    }

    [Fact]
    public async Task Page_ServerGone_SaysSoAndKeepsWhatItHas()
    {
        var server = await StartAsync();
        await using var page = await ChromiumPage.OpenAsync($"{server.Addresses[0]}/tls");
        var before = await EvaluateAsync<string>(page, Requests);
        await server.DisposeAsync();
        await page.WaitForAsync("document.getElementById('state').innerText === 'The server does not answer; trying again'");
        Assert.Equal(before, await EvaluateAsync<string>(page, Requests));
    }

    [Fact]
    public async Task Page_RefreshedWhileALinkHasTheFocus_KeepsItThere()
    {
        await using var server = await StartAsync();
        await using var page = await ChromiumPage.OpenAsync($"{server.Addresses[0]}/tls");
        await EvaluateAsync<bool>(page, "(document.querySelector('#report a').focus(), true)");
        var before = await EvaluateAsync<string>(page, Requests);
        await CallAsync(server);
        await page.WaitForAsync($"{Requests} !== '{before}'");
        Assert.True(await EvaluateAsync<bool>(page, "document.activeElement.matches('#report a')"));
    }

    [Fact]
    public async Task Page_ServerThatTakesItsTime_IsNotAskedAgainMeanwhile()
    {
        await using var server = await StartAsync();
        await using var page = await ChromiumPage.OpenAsync($"{server.Addresses[0]}/tls");
        Assert.Equal(1, await EvaluateAsync<int>(
            page,
            """
            (async () => {
              let asked = 0;
              globalThis.fetch = () => (asked++, new Promise(() => {}));
              for (; asked === 0; await new Promise(done => setTimeout(done, 20))) document.dispatchEvent(new Event('visibilitychange'));
              document.dispatchEvent(new Event('visibilitychange'));
              document.dispatchEvent(new Event('visibilitychange'));
              return asked;
            })()
            """));
    }

    /// <summary>What is selected, or paused, while an answer is on its way counts too.</summary>
    [Fact]
    public async Task Page_AnswerThatComesTooLate_ChangesNothing()
    {
        await using var server = await StartAsync();
        await using var page = await ChromiumPage.OpenAsync($"{server.Addresses[0]}/tls");
        Assert.Equal(
            "Who still speaks plaintext, Paused, Paused",
            await EvaluateAsync<string>(
                page,
                """
                (async () => {
                  const answer = { ok: true, text: async () => document.documentElement.outerHTML };
                  const told = [];
                  let settle = [];
                  globalThis.fetch = () => new Promise((...both) => settle = both);
                  const ask = async () => {
                    for (settle = []; settle.length === 0; await new Promise(done => setTimeout(done, 20))) document.dispatchEvent(new Event('visibilitychange'));
                  };
                  const say = () => document.getElementById('state').innerText;

                  await ask();
                  getSelection().selectAllChildren(document.getElementById('callers'));
                  settle[0](answer);
                  await new Promise(done => setTimeout(done));
                  told.push(getSelection().toString());
                  getSelection().removeAllRanges();

                  for (const end of [() => settle[0]({ ok: false, text: async () => '' }), () => settle[1](new TypeError())]) {
                    await ask();
                    document.getElementById('pause').click();
                    end();
                    await new Promise(done => setTimeout(done));
                    told.push(say());
                    document.getElementById('pause').click();
                    settle[1]?.(new TypeError());
                    await new Promise(done => setTimeout(done));
                  }
                  return told.join(', ');
                })()
                """));
    }

    private static async Task<UpgradeServer> StartAsync()
    {
        Peers.Require("chromium");
        var clock = new ShiftedClock();
        var server = await ReportServer.StartAsync(
            services: services => services.SetServerClock(clock),
            upgrade: static options => (options.Offers, options.Requirement) = (TlsUpgradeOffers.WhereRequired, TlsUpgradeRequirement.ReportOnly));
        BusyDay.Report(server.Services.GetRequiredService<ReportCollector>(), clock);
        return server;
    }

    private static async Task CallAsync(UpgradeServer server)
    {
        await using var connection = await server.ConnectAsync();
        for (var i = 0; i < 3; i++)
        {
            await connection.SendAsync("GET /x HTTP/1.1\r\nHost: localhost\r\nUser-Agent: LegacyTill/2.1\r\n\r\n");
            await connection.ReadResponseAsync();
        }
    }

    private static async Task<T> EvaluateAsync<T>(ChromiumPage page, string expression) => (await page.EvaluateAsync(expression))!.GetValue<T>();

    private static async Task SaveAsync(string name, ChromiumPage page)
    {
        var directory = Directory.CreateDirectory(Path.Combine(AppContext.BaseDirectory, "../../../screenshots"));
        await File.WriteAllBytesAsync(Path.Combine(directory.FullName, $"{name}.png"), await page.CaptureAsync(), TestContext.Current.CancellationToken);
    }
}
