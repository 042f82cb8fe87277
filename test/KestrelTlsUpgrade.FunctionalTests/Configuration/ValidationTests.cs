using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using KestrelTlsUpgrade.Testing;

namespace KestrelTlsUpgrade.FunctionalTests.Configuration;

/// <summary>
/// What cannot be taken fails the start, and the message names the path and what to do. <c>{0}</c> stands for the section, the
/// host's or an endpoint's, a name with a dot for
/// a file, and <c>…</c> for what differs from run to run.
/// </summary>
public sealed class ValidationTests : IDisposable
{
    private const string ServerAuthentication = "1.3.6.1.5.5.7.3.1";

    private readonly CertificateFiles _files = new();

    public static TheoryData<string, string> Messages { get; } = new()
    {
        // Keys and values.
        { "Enabled=yes", "{0}:Enabled is 'yes'. Use true, false." },
        { "DirectTls=Http2", "{0}:DirectTls is 'Http2'. Use Off, Http2Only, Any." },
        { "Offers=Required", "{0}:Offers is 'Required'. Use None, WhereRequired, All." },
        { "OffersFrom=10.0.0.0/8", "{0}:OffersFrom is '10.0.0.0/8'. Use a section with Networks, ExceptNetworks, Products, ExceptProducts." },
        { "OffersFrom:Network=10.0.0.0/8", "{0}:OffersFrom:Network is not a setting. Did you mean Networks?" },
        { "OffersFrom:Networks=10.1.2.3", "{0}:OffersFrom:Networks is '10.1.2.3'. Use a network, such as 10.1.0.0/16." },
        { "OffersFrom:Networks=10/8", "{0}:OffersFrom:Networks is '10/8'. Use a network, such as 10.1.0.0/16." },
        { "OffersFrom:ExceptNetworks:0=10.0.0.0/8 OffersFrom:ExceptNetworks:1=printers", "{0}:OffersFrom:ExceptNetworks:1 is 'printers'. Use a network, such as 10.1.0.0/16." },
        { "OffersFrom:Products=CUPS/2.4.2", "{0}:OffersFrom:Products is 'CUPS/2.4.2'. Use a product of User-Agent without its version, such as CUPS." },
        { "OffersFrom:ExceptProducts:0=", "{0}:OffersFrom:ExceptProducts:0 is ''. Use a product of User-Agent without its version, such as CUPS." },
        { "Requirement=Report", "{0}:Requirement is 'Report'. Use Enforce, ReportOnly." },
        { "AcceptedClients=Aware", "{0}:AcceptedClients is 'Aware'. Use Compatible, AwareOnly." },
        { "StrictTokens=1", "{0}:StrictTokens is '1'. Use true, false." },
        { "AllowBehindProxy=", "{0}:AllowBehindProxy is ''. Use true, false." },
        { "TrustClientCertificateOnReplay=never", "{0}:TrustClientCertificateOnReplay is 'never'. Use true, false." },
        { "Advertise=Always", "{0}:Advertise is 'Always'. Use Never, OncePerConnection, EveryResponse." },
        { "RedirectBrowsers=on", "{0}:RedirectBrowsers is 'on'. Use true, false." },
        { "RedirectBrowsers:0=true", "{0}:RedirectBrowsers is not a single value. Use true, false." },
        { "SslProtocols=Ssl3", "{0}:SslProtocols is 'Ssl3'. Use Tls12, Tls13, Tls11, Tls, None." },
        { "SslProtocols:0=Tls13 SslProtocols:1=TLS/1.2", "{0}:SslProtocols:1 is 'TLS/1.2'. Use Tls12, Tls13, Tls11, Tls, None." },
        { "ClientCertificateMode=Always", "{0}:ClientCertificateMode is 'Always'. Use NoCertificate, AllowCertificate, RequireCertificate, DelayCertificate." },
        { "HandshakeTimeout=soon", "{0}:HandshakeTimeout is 'soon'. Use a time of less than a day, such as 00:00:10." },
        { "HandshakeTimeout=-1", "{0}:HandshakeTimeout is '-1'. Use a time of less than a day, such as 00:00:10." },
        { "HandshakeTimeout=10", "{0}:HandshakeTimeout is '10'. Use a time of less than a day, such as 00:00:10." },
        { "HandshakeTimeout=24:00:00", "{0}:HandshakeTimeout is '24:00:00'. Use a time of less than a day, such as 00:00:10." },
        { "HandshakeTimeout=00:00:00", "{0}:HandshakeTimeout is '00:00:00'. Use a time of less than a day, such as 00:00:10." },
        { "FallbackLifetime=24:00:00", "{0}:FallbackLifetime is '24:00:00'. Use a time of less than a day, such as 01:00:00, 00:00:00 for none." },
        { "FallbackLifetime=-00:00:01", "{0}:FallbackLifetime is '-00:00:01'. Use a time of less than a day, such as 01:00:00, 00:00:00 for none." },
        { "DirectTLSMode=Any", "{0}:DirectTLSMode is not a setting. Use Enabled, DirectTls, Offers, OffersFrom, FallbackLifetime, ShareFallback, LogClientAddresses, Requirement, AcceptedClients, StrictTokens, AllowBehindProxy, TrustClientCertificateOnReplay, Advertise, AllowExpiredCertificate, RedirectBrowsers, PassOptionsAsterisk, Certificate, Sni, SslProtocols, ClientCertificateMode, HandshakeTimeout." },
        { "AllowBehindProxies=true", "{0}:AllowBehindProxies is not a setting. Did you mean AllowBehindProxy?" },
        { "Certificates:Path=server.pfx", "{0}:Certificates is not a setting. Did you mean Certificate?" },

        // Certificates.
        { "Certificate:Path=missing.pfx", "{0}:Certificate:Path: there is no file missing.pfx." },
        { "Certificate:Path=server.crt Certificate:KeyPath=missing.key", "{0}:Certificate:KeyPath: there is no file missing.key." },
        { "Certificate:Path=directory.pfx", "{0}:Certificate:Path: directory.pfx cannot be read (Access to the path 'directory.pfx' is denied.). Let the application's account read it." },
        { "Certificate:Path=server.crt Certificate:KeyPath=directory.pfx", "{0}:Certificate:KeyPath: directory.pfx cannot be read (Access to the path 'directory.pfx' is denied.). Let the application's account read it." },
        { "Certificate:Path=text.txt", "{0}:Certificate:Path: text.txt is not a certificate in PEM, DER or PKCS #12." },
        { "Certificate:Path=text.txt Certificate:KeyPath=server.key", "{0}:Certificate:Path: text.txt is not a certificate in PEM, DER or PKCS #12." },
        { "Certificate:Path=empty.pem Certificate:KeyPath=server.key", "{0}:Certificate:Path: empty.pem is not a certificate in PEM, DER or PKCS #12." },
        { "Certificate:Path=locked.pfx", "{0}:Certificate:Password is missing for locked.pfx." },
        { "Certificate:Path=locked.pfx Certificate:Password=wrong", "{0}:Certificate:Password does not open locked.pfx." },
        { "Certificate:Path=server.crt", "{0}:Certificate:Path: server.crt holds no private key. Set KeyPath, or name a file that holds both." },
        { "Certificate:Path=server.crt Certificate:KeyPath=text.txt", "{0}:Certificate:KeyPath: text.txt holds no private key in PEM." },
        { "Certificate:Path=server.crt Certificate:KeyPath=locked.key", "{0}:Certificate:Password is missing for locked.key." },
        { "Certificate:Path=server.crt Certificate:KeyPath=locked.key Certificate:Password=wrong", "{0}:Certificate:Password does not open locked.key." },
        { "Certificate:Path=server.crt Certificate:KeyPath=server.key Certificate:Password=x", "{0}:Certificate:KeyPath: server.key holds no private key in PEM that is encrypted with Password." },
        { "Certificate:Path=server.crt Certificate:KeyPath=other.key", "{0}:Certificate:KeyPath: other.key is not the private key of server.crt." },
        { "Certificate:Path=client.pfx", "{0}:Certificate (client.pfx): Certificate … cannot be used as an SSL server certificate. It has an Extended Key Usage extension but the usages do not include Server Authentication (OID 1.3.6.1.5.5.7.3.1). Give the endpoint another certificate." },
        { "Certificate:Path=expired.pfx", "The certificate of {0}:Certificate (expired.pfx), CN=expired, expired on …. Renew it." },
        { "Certificate:Path=early.pfx", "The certificate of {0}:Certificate (early.pfx), CN=early, is not valid before …. Check the certificate and the clock of this machine." },
        { "Certificate:Subject=nobody.test Certificate:Store=My", "{0}:Certificate cannot be loaded from the store: The requested certificate nobody.test could not be found in CurrentUser/My with AllowInvalid setting: False. Check Subject, Store, Location and AllowInvalid." },
        { "Certificate:Subject=nobody.test Certificate:Location=Nowhere", "{0}:Certificate cannot be loaded from the store: Requested value 'Nowhere' was not found. Check Subject, Store, Location and AllowInvalid." },
        { "Certificate:Path=server.pfx Certificate:Password:0=x", "{0}:Certificate:Password is not a single value." },
        { "Certificate:Password=x", "{0}:Certificate must have either Path, for a file, or Subject, for a certificate in a store." },
        { "Certificate:Path=server.pfx Certificate:Subject=x", "{0}:Certificate must have either Path, for a file, or Subject, for a certificate in a store." },
        { "Certificate:Path=server.pfx Certificate:Pasword=x", "{0}:Certificate:Pasword is not a setting. Did you mean Password?" },
        { "Certificate:Subject=x Certificate:AllowInvalid=maybe", "{0}:Certificate:AllowInvalid is 'maybe'. Use true, false." },

        // Server names.
        { "Sni:a.test:Certificate:Path=missing.pfx", "{0}:Sni:a.test:Certificate:Path: there is no file missing.pfx." },
        { "Sni:a.test:Certificate:Path=expired.pfx", "The certificate of {0}:Sni:a.test:Certificate (expired.pfx), CN=expired, expired on …. Renew it." },
        { "Sni:a.test:Certificate:Password=x", "{0}:Sni:a.test:Certificate must have either Path, for a file, or Subject, for a certificate in a store." },
        { "Sni:a.test:SslProtocols=Ssl2", "{0}:Sni:a.test:SslProtocols is 'Ssl2'. Use Tls12, Tls13, Tls11, Tls, None." },
        { "Sni:a.test:Protocols=Http4", "{0}:Sni:a.test:Protocols is 'Http4'. Use None, Http1, Http2, Http1AndHttp2, Http3, Http1AndHttp2AndHttp3." },
        { "Sni:a.test:ClientCertificateMode=Ask", "{0}:Sni:a.test:ClientCertificateMode is 'Ask'. Use NoCertificate, AllowCertificate, RequireCertificate, DelayCertificate." },
        { "Sni:a.test:Certificat:Path=x", "{0}:Sni:a.test:Certificat is not a setting. Did you mean Certificate?" },
        { "Sni=a.test", "{0}:Sni is 'a.test'. Use a section with an entry for each server name." },
        { "Sni:a.test=server.pfx", "{0}:Sni:a.test is 'server.pfx'. Use a section with Certificate, Protocols, SslProtocols, ClientCertificateMode." },
        { "Sni:0:Protocols=Http1", "{0}:Sni:0 has no server name. Use a name, *. and a suffix, or * for all others." },
        { "Sni::Protocols=Http1", "{0}:Sni: has no server name. Use a name, *. and a suffix, or * for all others." },
    };

    public static TheoryData<string, string, string> MessagesBySection { get; } =
    [
        .. new[] { "TlsUpgrade", "Kestrel:Endpoints:Web:TlsUpgrade" }.SelectMany(static section =>
            Messages.Select(row => new TheoryDataRow<string, string, string>(section, row.Data.Item1, row.Data.Item2))),
    ];

    [Theory]
    [MemberData(nameof(MessagesBySection))]
    public async Task WhatCannotBeTaken_FailsTheStartAndNamesPathAndRemedy(string section, string settings, string message)
    {
        WriteFiles();
        var failure = await Assert.ThrowsAnyAsync<Exception>(async () =>
        {
            await using var server = await ConfiguredServer.StartAsync(
            [
                "Kestrel:Endpoints:Web:Url=http://127.0.0.1:0",
                .. settings.Split(' ').Select(setting => $"{section}:{setting.Split('=')[0]}={ToPath(setting.Split('=')[1])}"),
            ]);
        });
        var expected = string.Format(System.Globalization.CultureInfo.InvariantCulture, message, section).Split('…');
        var actual = Files.Aggregate(failure.Message, (text, file) => text.Replace(_files.GetPath(file), file, StringComparison.Ordinal));
        Assert.StartsWith(expected[0], actual, StringComparison.Ordinal);
        Assert.EndsWith(expected[^1], actual, StringComparison.Ordinal);
        Assert.True(expected.Length == 2 || actual == expected[0], actual);
    }

    /// <summary>An owner who mends one mistake does not have to start the server to learn of the next.</summary>
    [Fact]
    public async Task SeveralMistakesInBothSections_AreAllNamed()
    {
        var failure = await Assert.ThrowsAnyAsync<Exception>(() => ConfiguredServer.StartAsync(
            ["Kestrel:Endpoints:Web:Url=http://127.0.0.1:0", "TlsUpgrade:DirectTls=x", "TlsUpgrade:Y=z", "Kestrel:Endpoints:Web:TlsUpgrade:Enabled=q"]));
        Assert.Contains("TlsUpgrade:DirectTls is 'x'.", failure.Message, StringComparison.Ordinal);
        Assert.Contains("TlsUpgrade:Y is not a setting.", failure.Message, StringComparison.Ordinal);
        Assert.Contains("Kestrel:Endpoints:Web:TlsUpgrade:Enabled is 'q'.", failure.Message, StringComparison.Ordinal);
    }

    public void Dispose() => _files.Dispose();

    private static string[] Files =>
    [
        "missing.pfx", "missing.key", "directory.pfx", "text.txt", "empty.pem", "server.pfx", "server.crt", "server.key", "locked.pfx",
        "locked.key", "other.key", "client.pfx", "expired.pfx", "early.pfx",
    ];

    private string ToPath(string value) => Files.Contains(value) ? _files.GetPath(value) : value;

    private void WriteFiles()
    {
        Directory.CreateDirectory(_files.GetPath("directory.pfx"));
        _files.Write("text.txt", "This is no certificate.");
        _files.Write("empty.pem", "");
        _files.WritePfx("server.pfx", TestCertificates.Server);
        _files.WritePem("server.crt", TestCertificates.Server);
        _files.WriteKey("server.key", TestCertificates.Server);
        _files.WritePfx("locked.pfx", TestCertificates.Server, "secret");
        _files.WriteKey("locked.key", TestCertificates.Server, "secret");
        _files.WriteKey("other.key", TestCertificates.Other);
        _files.WritePfx("client.pfx", TestCertificates.Client);
        WriteValid("expired", -20, -1);
        WriteValid("early", 1, 20);
    }

    private void WriteValid(string name, int fromDays, int toDays)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid(ServerAuthentication)], critical: false));
        using var certificate = request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(fromDays), DateTimeOffset.UtcNow.AddDays(toDays));
        _files.WritePfx($"{name}.pfx", certificate);
    }
}
