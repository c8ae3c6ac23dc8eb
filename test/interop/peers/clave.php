<?php
// What an application behind the official kit for PHP sees: a name and a value on each
// line. The kit is SimpleSAMLphp with a login as any other, and a logout whose Issuer
// is the address for the answer and whose fields have names of their own.
$path = parse_url($_SERVER['REQUEST_URI'], PHP_URL_PATH);
if (!in_array($path, ['/show', '/out'], true)) {
    return false;
}
require getenv('SIMPLESAMLPHP') . '/lib/_autoload.php';

use SAML2\XML\Chunk;
use SimpleSAML\Module\saml\Message;

header('Content-Type: text/plain; charset=utf-8');
$at = 'http://' . $_SERVER['HTTP_HOST'];
$user = new SimpleSAML\Auth\Simple('sp');
$source = $user->getAuthSource();
$clave = $source->getIdPMetadata($source->getMetadata()->getString('idp'));

/** The extensions of eIDAS that Cl@ve reads. */
function extensions(): Chunk
{
    $space = 'http://eidas.europa.eu/saml-extensions';
    $document = new DOMDocument();
    $document->loadXML('<eidas:RequestedAttributes xmlns:eidas="' . $space . '">
<eidas:RequestedAttribute FriendlyName="RelayState" Name="http://es.minhafp.clave/RelayState" NameFormat="urn:oasis:names:tc:SAML:2.0:attrname-format:uri" isRequired="false">
<eidas:AttributeValue>kept by the service</eidas:AttributeValue></eidas:RequestedAttribute>
<eidas:RequestedAttribute FriendlyName="EIDASIdP" Name="http://es.minhafp.clave/EIDASIdP" NameFormat="urn:oasis:names:tc:SAML:2.0:attrname-format:uri" isRequired="false"/>
</eidas:RequestedAttributes>');
    return new Chunk($document->documentElement);
}

if (isset($_GET['logout'])) {
    $request = Message::buildLogoutRequest($source->getMetadata(), $clave);
    $request->setNameId($user->getAuthData('saml:sp:NameID'));
    $request->setSessionIndex($user->getAuthData('saml:sp:SessionIndex'));
    $issuer = new SAML2\XML\saml\Issuer();
    $issuer->setValue($at . '/out');
    $request->setIssuer($issuer);
    $request->setDestination($clave->getDefaultEndpoint('SingleLogoutService')['Location']);
    $xml = $request->toSignedXML();
    header('Content-Type: text/html; charset=utf-8');
    exit('<form method="post" action="' . htmlspecialchars($request->getDestination()) . '"><input type="hidden" name="logoutRequest" value="'
        . base64_encode($xml->ownerDocument->saveXML($xml)) . '"><input type="hidden" name="RelayState" value="bye"></form>');
}
if ($path === '/out') {
    $response = SAML2\Message::fromXML(SAML2\DOMDocumentFactory::fromString(base64_decode($_POST['logoutResponse'], true))->documentElement);
    if ($response->getIssuer()->getValue() !== 'Cl@ve' || $response->getDestination() !== $at . '/out' || $_POST['RelayState'] !== 'bye') {
        throw new Exception('not the answer of Cl@ve to this logout');
    }
    Message::validateMessage($clave, $source->getMetadata(), $response);
    if (!$response->isSuccess()) {
        throw new Exception('not logged out');
    }
    SimpleSAML\Session::getSessionFromRequest()->doLogout('sp');
    exit("logged out\n");
}
if (!$user->isAuthenticated()) {
    parse_str($_SERVER['QUERY_STRING'] ?? '', $how);
    $user->login($how + [
        'ReturnTo' => $at . '/show',
        'saml:AuthnContextClassRef' => 'http://eidas.europa.eu/LoA/low', 'saml:AuthnContextComparison' => 'minimum',
        'saml:Extensions' => [extensions()],
    ]);
}
echo 'name=', $user->getAuthData('saml:sp:NameID')->getValue(), "\n";
echo 'context=', $user->getAuthData('saml:sp:AuthnContext'), "\n";
foreach ($user->getAttributes() as $name => $values) {
    echo $name, '=', implode('|', $values), "\n";
}
