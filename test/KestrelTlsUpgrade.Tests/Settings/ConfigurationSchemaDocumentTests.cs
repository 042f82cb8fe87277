using System.Text.RegularExpressions;
using KestrelTlsUpgrade.Tests.Support;

namespace KestrelTlsUpgrade.Tests.Settings;

/// <summary>What the schema says of whole documents, and that the reader says the same.</summary>
public sealed partial class ConfigurationSchemaDocumentTests
{
    private static readonly string Documents = Path.Combine(AppContext.BaseDirectory, "Documents");

    /// <summary>Everything that owners are shown.</summary>
    public static TheoryData<string, string> Published
    {
        get
        {
            var data = new TheoryData<string, string>();
            foreach (var path in Directory.EnumerateFiles(Documents, "*", SearchOption.AllDirectories).Order())
            {
                var (name, text) = (Path.GetRelativePath(Documents, path), File.ReadAllText(path));
                foreach (var json in name.EndsWith(".md", StringComparison.Ordinal) ? Snippet().Matches(text).Select(match => match.Groups[1].Value) : [text])
                {
                    data.Add(name, json);
                }
            }

            return data;
        }
    }

    public static TheoryData<string> Right =>
    [
        "{}",
        """{ "Enabled": false, "DirectTls": "Off", "AcceptedClients": "AwareOnly", "StrictTokens": true, "AllowBehindProxy": true }""",
        """{ "TrustClientCertificateOnReplay": true, "Advertise": "OncePerConnection", "RedirectBrowsers": false }""",
        """{ "AllowExpiredCertificate": true, "PassOptionsAsterisk": true }""",
        """{ "DirectTls": "Http2Only" }""",
        """{ "DirectTls": "Any" }""",
        """{ "Offers": "None" }""",
        """{ "Offers": "WhereRequired" }""",
        """{ "Offers": "All" }""",
        """{ "OffersFrom": { "Networks": [ "10.0.0.0/8", "2001:db8::/32" ], "ExceptNetworks": "10.1.2.3/32" } }""",
        """{ "OffersFrom": { "Products": "CUPS", "ExceptProducts": [ "Apache-HttpClient" ] } }""",
        """{ "Requirement": "Enforce" }""",
        """{ "Requirement": "ReportOnly" }""",
        """{ "AcceptedClients": "Compatible" }""",
        """{ "Advertise": "Never" }""",
        """{ "Advertise": "EveryResponse" }""",
        """{ "Certificate": { "Path": "a.crt", "KeyPath": "a.key", "Password": "x" } }""",
        """{ "Certificate": { "Subject": "a.test", "Store": "My", "Location": "LocalMachine", "AllowInvalid": true } }""",
        """{ "Certificate": { "Path": "a.pfx", "Subject": "" } }""",
        """{ "SslProtocols": "Tls12" }""",
        """{ "SslProtocols": "None" }""",
        """{ "SslProtocols": [ "Tls12", "Tls13" ] }""",
        """{ "SslProtocols": [ "Tls", "Tls11", "None" ] }""",
        """{ "ClientCertificateMode": "NoCertificate" }""",
        """{ "ClientCertificateMode": "AllowCertificate" }""",
        """{ "ClientCertificateMode": "RequireCertificate" }""",
        """{ "ClientCertificateMode": "DelayCertificate" }""",
        """{ "HandshakeTimeout": "00:00:10" }""",
        """{ "HandshakeTimeout": "0:30" }""",
        """{ "HandshakeTimeout": "02:03:04.5" }""",
        """{ "Sni": {} }""",
        """{ "Sni": { "a.test": { "Certificate": { "Path": "a.pfx" }, "Protocols": "Http2", "SslProtocols": [ "Tls13" ] }, "*": {} } }""",
        """{ "Sni": { "*.a.test": { "ClientCertificateMode": "RequireCertificate", "SslProtocols": "Tls12" } } }""",
    ];

    public static TheoryData<string> Wrong =>
    [
        "\"Any\"",
        "true",
        "[]",
        """[ "DirectTls" ]""",
        """{ "Colour": "red" }""",
        """{ "DirektTls": "Any" }""",
        """{ "Https": { "SslProtocols": "Tls12" } }""",
        """{ "HandshakeCallback": "x" }""",
        """{ "Offers": "Some" }""",
        """{ "OffersFrom": "10.0.0.0/8" }""",
        """{ "OffersFrom": { "Network": "10.0.0.0/8" } }""",
        """{ "OffersFrom": { "Networks": "10/8" } }""",
        """{ "OffersFrom": { "ExceptNetworks": [ "10.1.2.3" ] } }""",
        """{ "OffersFrom": { "Products": "CUPS/2.4.2" } }""",
        """{ "Requirement": "Report" }""",
        """{ "AcceptOffer": "x" }""",
        """{ "Enabled": "yes" }""",
        """{ "Enabled": 1 }""",
        """{ "Enabled": null }""",
        """{ "StrictTokens": "" }""",
        """{ "RedirectBrowsers": [ true ] }""",
        """{ "AllowExpiredCertificate": "yes" }""",
        """{ "AllowBehindProxy": {} }""",
        """{ "TrustClientCertificateOnReplay": "never" }""",
        """{ "DirectTls": "On" }""",
        """{ "DirectTls": 2 }""",
        """{ "DirectTls": true }""",
        """{ "DirectTls": null }""",
        """{ "DirectTls": [ "Any" ] }""",
        """{ "DirectTls": { "Mode": "Any" } }""",
        """{ "AcceptedClients": "All" }""",
        """{ "Advertise": "Always" }""",
        """{ "Advertise": "Never, OncePerConnection" }""",
        """{ "Certificate": "a.pfx" }""",
        """{ "Certificate": null }""",
        """{ "Certificate": {} }""",
        """{ "Certificate": [] }""",
        """{ "Certificate": { "KeyPath": "a.key" } }""",
        """{ "Certificate": { "Path": "" } }""",
        """{ "Certificate": { "Path": "a.pfx", "Subject": "a.test" } }""",
        """{ "Certificate": { "Path": [ "a.pfx" ] } }""",
        """{ "Certificate": { "Path": "a.pfx", "Pasword": "x" } }""",
        """{ "Certificate": { "Subject": "a.test", "AllowInvalid": "yes" } }""",
        """{ "SslProtocols": "Tls14" }""",
        """{ "SslProtocols": "Tls12, Tls13" }""",
        """{ "SslProtocols": 3072 }""",
        """{ "SslProtocols": [] }""",
        """{ "SslProtocols": {} }""",
        """{ "SslProtocols": null }""",
        """{ "SslProtocols": [ "Tls12", "Ssl3" ] }""",
        """{ "SslProtocols": [ [ "Tls12" ] ] }""",
        """{ "ClientCertificateMode": "Always" }""",
        """{ "ClientCertificateMode": false }""",
        """{ "HandshakeTimeout": "soon" }""",
        """{ "HandshakeTimeout": "00:00:00" }""",
        """{ "HandshakeTimeout": "-00:00:10" }""",
        """{ "HandshakeTimeout": "00:00:60" }""",
        """{ "HandshakeTimeout": 0 }""",
        """{ "HandshakeTimeout": 10 }""",
        """{ "HandshakeTimeout": "10" }""",
        """{ "HandshakeTimeout": "24:00:00" }""",
        """{ "HandshakeTimeout": "1.02:03:04.5" }""",
        """{ "HandshakeTimeout": [ "00:00:10" ] }""",
        """{ "Certificate": { "Path": "a.pfx", "Password": {} } }""",
        """{ "Certificate": { "Path": "a.pfx", "KeyPath": [ "a.key" ] } }""",
        """{ "Certificate": { "Subject": "a.test", "Store": null } }""",
        """{ "Certificate": { "Subject": "a.test", "AllowInvalid": null } }""",
        """{ "Certificate": { "Subject": "a.test", "AllowInvalid": {} } }""",
        """{ "Sni": "a.test" }""",
        """{ "Sni": [ { "Protocols": "Http1" } ] }""",
        """{ "Sni": { "a.test": "a.pfx" } }""",
        """{ "Sni": { "a.test": { "Certificate": null } } }""",
        """{ "Sni": { "a.test": { "Protocols": null } } }""",
        """{ "Sni": { "a.test": { "SslProtocols": null } } }""",
        """{ "Sni": { "a.test": { "ClientCertificateMode": null } } }""",
        """{ "Sni": { "10": { "Protocols": "Http1" } } }""",
        """{ "Sni": { "": { "Protocols": "Http1" } } }""",
        """{ "Sni": { "a.test:443": { "Protocols": "Http1" } } }""",
        """{ "Sni": { "a.test": { "HandshakeTimeout": "00:00:10" } } }""",
        """{ "Sni": { "a.test": { "Certificate": { "Password": "x" } } } }""",
        """{ "Sni": { "a.test": { "Certificate": "a.pfx" } } }""",
        """{ "Sni": { "a.test": { "Protocols": "Http9" } } }""",
        """{ "Sni": { "a.test": { "SslProtocols": [ "Tls14" ] } } }""",
        """{ "Sni": { "a.test": { "ClientCertificateMode": "Sometimes" } } }""",
    ];

    /// <summary>What the reader takes as well, and the documentation does not show.</summary>
    public static TheoryData<string> TakenButNotShown =>
    [
        """{ "directtls": "Any" }""",
        """{ "DirectTls": "ANY" }""",
        """{ "Enabled": "false" }""",
        """{ "Certificate": { "Path": 5 } }""",
        """{ "HandshakeTimeout": " 00:00:10 " }""",
        """{ "SslProtocols": { "0": "Tls12" } }""",
        "null",
        """{ "Sni": null }""",
        """{ "Sni": { "a.test": null } }""",
    ];

    [Theory]
    [MemberData(nameof(Published))]
    public void Published_IsRight(string name, string json)
    {
        var document = new SettingsDocument(json);
        Assert.Empty(document.FindFaultsBySchema().Concat(document.FindFaultsByReader()).Select(fault => $"{name}: {fault}"));
    }

    /// <summary>A theory says nothing of documents that it was not given.</summary>
    [Fact]
    public void Published_HasSamplesAndReadme()
    {
        var names = Published.Select(row => row.Data.Item1).ToArray();
        Assert.Contains("README.md", names);
        Assert.Contains(Path.Combine("samples", "QuickStart", "appsettings.json"), names);
    }

    [Theory]
    [MemberData(nameof(Right))]
    public void Document_Right_PassesBoth(string section) => AssertFaults(section, bySchema: false, byReader: false);

    [Theory]
    [MemberData(nameof(Wrong))]
    public void Document_Wrong_FailsBoth(string section) => AssertFaults(section, bySchema: true, byReader: true);

    [Theory]
    [MemberData(nameof(TakenButNotShown))]
    public void Document_TakenButNotShown_FailsTheSchema(string section) => AssertFaults(section, bySchema: true, byReader: false);

    /// <summary>What is not ours stays valid, whatever it looks like.</summary>
    [Theory]
    [InlineData("""{ "Logging": { "LogLevel": { "TlsUpgrade": "Debug" } }, "AllowedHosts": "*" }""")]
    [InlineData("""{ "Kestrel": { "Limits": { "TlsUpgrade": 1 }, "Certificates": { "Default": { "Path": "a.pfx", "X": 1 } } } }""")]
    [InlineData("""{ "Kestrel": { "Endpoints": { "A": { "Url": "http://*:80", "Protocols": "Http1", "TlsUpgraded": {} } } } }""")]
    [InlineData("""{ "$schema": "x", "Mine": { "TlsUpgrade": { "Colour": "red" } } }""")]
    public void Document_OfOthers_PassesBoth(string json)
    {
        var document = new SettingsDocument(json);
        Assert.Empty(document.FindFaultsBySchema());
        Assert.Empty(document.FindFaultsByReader());
    }

    /// <summary>The same is said of a section at the root and of an endpoint's.</summary>
    private static void AssertFaults(string section, bool bySchema, bool byReader)
    {
        foreach (var json in new[]
        {
            $$"""{ "TlsUpgrade": {{section}} }""",
            $$$"""{ "Kestrel": { "Endpoints": { "Web": { "Url": "http://*:80", "TlsUpgrade": {{{section}}} } } } }""",
        })
        {
            var document = new SettingsDocument(json);
            var (schema, reader) = (document.FindFaultsBySchema(), document.FindFaultsByReader());
            Assert.True(schema.Count > 0 == bySchema, $"The schema says of {json}: {string.Join(' ', schema)}");
            Assert.True(reader.Count > 0 == byReader, $"The reader says of {json}: {string.Join(' ', reader)}");
        }
    }

    [GeneratedRegex("^```json\n(.*?)^```", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex Snippet();
}
