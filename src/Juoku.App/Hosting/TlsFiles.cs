using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Juoku.Batch.Predicting;
using Microsoft.AspNetCore.Server.Kestrel.Https;

namespace Juoku.App.Hosting;

/// <summary>
/// A server's certificate and key in PEM files, and optionally the authority whose clients it takes. A certificate that is renewed on disk is taken
/// up with the next connection; while it cannot be read, the old one serves.
/// </summary>
internal sealed class TlsFiles
{
    private readonly string _certificatePath;
    private readonly string _keyPath;
    private readonly X509Certificate2Collection? _clientAuthority;
    private readonly Lock _lock = new();
    private X509Certificate2 _certificate;
    private DateTime _modified;

    /// <summary>Reads the files.</summary>
    /// <exception cref="UsageException">One of them is missing or is not what it should be.</exception>
    public TlsFiles(string certificate, string key, string? clientAuthority)
    {
        (_certificatePath, _keyPath, _modified) = (certificate, key, Modified(certificate));
        try
        {
            _certificate = Read();
            if (clientAuthority is null) return;
            _clientAuthority = [];
            _clientAuthority.ImportFromPemFile(clientAuthority);
        }
        catch (Exception e) when (e is CryptographicException or IOException or UnauthorizedAccessException)
        {
            throw new UsageException($"--tls-certificate {certificate}, --tls-key {key}{(clientAuthority is null ? "" : $", --tls-client-ca {clientAuthority}")}: {e.Message.ReplaceLineEndings(" ")} PEM files are wanted.");
        }

        if (_clientAuthority.Count == 0) throw new UsageException($"--tls-client-ca {clientAuthority}: holds no certificate; a PEM file is wanted");
    }

    /// <summary>Sets a listener up.</summary>
    public void Use(HttpsConnectionAdapterOptions https)
    {
        https.ServerCertificateSelector = (_, _) => Current();
        if (_clientAuthority is null) return;
        https.ClientCertificateMode = ClientCertificateMode.RequireCertificate;
        https.ClientCertificateValidation = (certificate, _, _) => IsOfOurs(certificate);
    }

    private X509Certificate2 Current()
    {
        lock (_lock)
        {
            DateTime modified = Modified(_certificatePath);
            if (modified == _modified) return _certificate;
            try
            {
                (_certificate, _modified) = (Read(), modified);
            }
            catch (Exception e) when (e is CryptographicException or IOException or UnauthorizedAccessException)
            {
                // Certificate and key are replaced one after the other: the pair fits a moment later.
            }

            return _certificate;
        }
    }

    private bool IsOfOurs(X509Certificate2 certificate)
    {
        using var chain = new X509Chain();
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.CustomTrustStore.AddRange(_clientAuthority!);
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck; // an authority in a cluster has no list of its own
        return chain.Build(certificate);
    }

    private X509Certificate2 Read() => X509Certificate2.CreateFromPemFile(_certificatePath, _keyPath);

    private static DateTime Modified(string path) => File.GetLastWriteTimeUtc(path);
}
