using System.Net;
using System.Net.Http.Headers;
using KestrelTlsUpgrade.Testing;
using Microsoft.AspNetCore.Antiforgery;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Extensions.DependencyInjection;

namespace KestrelTlsUpgrade.FunctionalTests.Combinations;

/// <summary>Forms with antiforgery tokens.</summary>
public sealed class AntiforgeryTests
{
    [Fact]
    public async Task Form_ClearTextRefusedUnread_OverTlsValidated()
    {
        var calls = new Counter();
        await using var server = await UpgradeServer.StartAsync(
            services: services => services.AddAntiforgery(options => options.Cookie.SecurePolicy = CookieSecurePolicy.Always),
            app: app =>
            {
                app.UseAntiforgery();
                app.MapGet("/token", (HttpContext context, IAntiforgery antiforgery) =>
                    antiforgery.GetAndStoreTokens(context).RequestToken).RequireTlsUpgrade();
                app.MapPost("/form", ([FromForm] string name) =>
                {
                    calls.Value++;
                    return name;
                }).RequireTlsUpgrade();
            });
        using var clear = new HttpClient();
        using var tls = new HttpClient(UpgradingHttpHandler.Create(server.EndPoint));
        using var token = await tls.GetAsync("http://localhost/token", TestContext.Current.CancellationToken);
        var value = await token.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        var cookie = token.Headers.GetValues("Set-Cookie").Single().Split(';')[0];

        Assert.Equal((HttpStatusCode.UpgradeRequired, 0), await PostAsync(clear, $"http://localhost:{server.Port}/form"));
        Assert.Equal((HttpStatusCode.BadRequest, 0), await PostAsync(tls, "http://localhost/form", isValid: false));
        Assert.Equal((HttpStatusCode.OK, 1), await PostAsync(tls, "http://localhost/form"));

        async Task<(HttpStatusCode Status, int Calls)> PostAsync(HttpClient client, string uri, bool isValid = true)
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, uri);
            request.Headers.Add("Cookie", cookie);
            request.Content = new FormUrlEncodedContent(
                [new("name", "value"), new("__RequestVerificationToken", isValid ? value : "wrong")]);
            Assert.Equal(new MediaTypeHeaderValue("application/x-www-form-urlencoded"), request.Content.Headers.ContentType);
            using var response = await client.SendAsync(request, TestContext.Current.CancellationToken);
            return (response.StatusCode, calls.Value);
        }
    }
}
